// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.time.Duration;

/**
 * How often housekeeping runs. <i>Immutable.</i>
 *
 * @param retentionCheck old segments are removed
 * @param flush logs whose topics are not flushed before the acknowledgement are flushed
 * @param checkpoint high watermarks, recovery points and log starts are stored
 * @param compaction of logs whose topics say so
 */
public record TimersConfig(Duration retentionCheck, Duration flush, Duration checkpoint, CompactionConfig compaction) {}
