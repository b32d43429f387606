// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A configuration and how it came about. <i>Immutable.</i>
 *
 * @param settings every one that is in force, sorted by name
 */
public record LoadedConfig(NodeConfig config, List<NodeSetting> settings) {

    public LoadedConfig {
        settings = List.copyOf(settings);
    }

    /** Name and value of every setting, sorted by name; a value that was set says where. */
    public Map<String, String> effective() {
        Map<String, String> lines = new TreeMap<>();
        settings.forEach(setting -> lines.put(setting.name(), setting.line()));
        return lines;
    }
}
