// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.util.Map;

/**
 * A configuration and how it came about. <i>Immutable.</i>
 *
 * @param effective name and value of every setting, sorted by name; a value that was set says where
 */
public record LoadedConfig(NodeConfig config, Map<String, String> effective) {}
