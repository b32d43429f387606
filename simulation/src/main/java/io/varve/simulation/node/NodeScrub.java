// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.storage.DataDirectory;
import io.varve.storage.LogId;
import io.varve.storage.PartitionLog;
import io.varve.storage.StorageException;
import org.jspecify.annotations.Nullable;

/** Reads what is sealed again, log by log, a little with each step. */
final class NodeScrub {
    static final long STEP_NANOS = 50_000_000L;
    private static final int STEP_BYTES = 8 << 10;

    private final DataDirectory directory;
    private @Nullable LogId current;
    private long offset;

    NodeScrub(DataDirectory directory) {
        this.directory = directory;
    }

    void step() {
        LogId id = current;
        PartitionLog log = id == null ? null : directory.find(id).orElse(null);
        if (log != null) {
            try {
                PartitionLog.Scrubbed done = log.scrub(offset, STEP_BYTES);
                offset = done.nextOffset();
                if (!done.finished()) {
                    return;
                }
            } catch (StorageException e) {
                // What is damaged the log tells by itself; what failed is looked at again in the next round.
            }
        }
        offset = 0;
        current = directory.logs().keySet().stream()
                .filter(next -> id == null || next.compareTo(id) > 0)
                .findFirst()
                .orElse(null);
    }
}
