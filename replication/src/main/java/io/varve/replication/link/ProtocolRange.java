// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

/** The versions of the protocol between nodes that somebody speaks, both inclusive. */
public record ProtocolRange(int minVersion, int maxVersion) {
    /** What this build speaks. */
    public static final ProtocolRange CURRENT = new ProtocolRange(1, 1);

    public ProtocolRange {
        if (minVersion < 1 || maxVersion < minVersion) {
            throw new IllegalArgumentException("protocol versions " + minVersion + " to " + maxVersion);
        }
    }

    /** The highest version in both, 0 if there is none. */
    public int common(ProtocolRange other) {
        int highest = Math.min(maxVersion, other.maxVersion);
        return highest >= Math.max(minVersion, other.minVersion) ? highest : 0;
    }
}
