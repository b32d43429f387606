// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.varve.node.config.NodeSetting;
import io.varve.node.config.SettingsHelp;
import io.varve.proto.v1.ConfigKey;
import io.varve.proto.v1.ConfigSource;
import io.varve.proto.v1.ConfigValue;
import java.util.List;

/** Settings of nodes as answers. Stateless. */
public final class NodeSettingAnswers {

    private static final String TAKES_EFFECT = "when the node is restarted";

    private NodeSettingAnswers() {}

    public static List<ConfigValue> values(List<NodeSetting> settings) {
        return settings.stream()
                .map(setting -> ConfigValue.newBuilder()
                        .setName(setting.name())
                        .setValue(setting.value())
                        .setDefaultValue(setting.fallback())
                        .setSource(source(setting))
                        .setOrigin(setting.origin())
                        .setUnit(setting.unit())
                        .setFixed(true)
                        .build())
                .toList();
    }

    private static ConfigSource source(NodeSetting setting) {
        if (!setting.isSet()) {
            return ConfigSource.CONFIG_SOURCE_DEFAULT;
        }
        return setting.isFromEnvironment()
                ? ConfigSource.CONFIG_SOURCE_NODE_ENVIRONMENT
                : ConfigSource.CONFIG_SOURCE_NODE_FILE;
    }

    static List<ConfigKey> keys() {
        return SettingsHelp.entries().stream()
                .map(entry -> ConfigKey.newBuilder()
                        .setName(entry.name())
                        .setDefaultValue(entry.fallback().equals(SettingsHelp.REQUIRED) ? "" : entry.fallback())
                        .setUnit(entry.unit())
                        .setAllowed(entry.allowed())
                        .setMeaning("For " + entry.reader() + ".")
                        .setTakesEffect(TAKES_EFFECT)
                        .build())
                .toList();
    }
}
