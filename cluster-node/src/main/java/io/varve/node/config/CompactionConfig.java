// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.time.Duration;

/**
 * How the node compacts the logs of topics that say so. <i>Immutable.</i>
 *
 * @param checkInterval how often it looks for logs that are due
 * @param bytesPerSecond what it reads and writes for it at most, over time
 * @param keyMapBytes heap for the keys of the one log that it compacts at a time
 */
public record CompactionConfig(Duration checkInterval, long bytesPerSecond, long keyMapBytes) {}
