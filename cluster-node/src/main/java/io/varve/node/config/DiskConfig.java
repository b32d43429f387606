// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.time.Duration;

/**
 * What the node does as its disk fills. <i>Immutable.</i>
 *
 * @param softFreeBytes with less free space than this, a warning
 * @param hardFreeBytes with less free space than this, appends are refused with DISK_FULL; everything else goes on
 * @param checkInterval how often free space is looked at
 */
public record DiskConfig(long softFreeBytes, long hardFreeBytes, Duration checkInterval) {}
