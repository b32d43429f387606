// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.time.Duration;

/**
 * How what is on the disk is read again before somebody needs it. <i>Immutable.</i>
 *
 * @param bytesPerSecond 0: never
 * @param interval from the end of one pass over everything to the beginning of the next
 */
public record ScrubConfig(long bytesPerSecond, Duration interval) {}
