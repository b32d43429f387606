// SPDX-License-Identifier: Apache-2.0
/**
 * The node's configuration: one record per component, read once from YAML and the environment, checked as a whole.
 * Depends on nothing else of the node; every component gets its own part and never sees {@link
 * io.varve.node.config.NodeConfig}.
 */
@NullMarked
package io.varve.node.config;

import org.jspecify.annotations.NullMarked;
