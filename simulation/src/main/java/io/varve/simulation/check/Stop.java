// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

/** How a node's process ended, and what its next one finds on the disk. */
public enum Stop {
    /** In order: everything is flushed and the marker is durable. */
    CLEAN,
    /** Only the process: everything written is still there. */
    CRASH,
    /** What was not flushed may be gone. */
    POWER_LOSS,
    /** The next process finds another disk, or an older image of this one. */
    OTHER_DISK
}
