// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.storage.Chunk;
import java.util.List;

/** Reads, and looks only at whether that is possible (P34): a read checks every batch. */
record OwnCopyCheck(LedEpoch epoch) implements LeaderLog.ReadCompletion {
    @Override
    public void read(List<Chunk> chunks) {
        chunks.forEach(Chunk::release);
    }

    @Override
    public void failed(String detail, boolean damaged) {
        if (damaged && !epoch.isOver()) {
            epoch.output.damaged(detail);
        }
    }
}
