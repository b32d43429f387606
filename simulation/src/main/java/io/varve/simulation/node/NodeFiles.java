// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.metadata.broker.RestartClaim;
import io.varve.metadata.broker.RestartClaim.Marker;
import io.varve.storage.file.FileStore;
import io.varve.storage.file.SmallFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/** What a node keeps beside its logs: its broker epoch, and the proof that it stopped cleanly (P29). */
final class NodeFiles {
    static final Path DATA = Path.of("/data");
    private static final Path EPOCH = DATA.resolve("broker-epoch");
    private static final Path CLEAN = DATA.resolve("clean-stop");
    private static final long EPOCH_MAGIC = 0x76_61_72_76_65_65_70_31L;
    private static final long CLEAN_MAGIC = 0x76_61_72_76_65_63_6c_31L;

    private final FileStore files;

    NodeFiles(FileStore files) {
        this.files = files;
    }

    /** 0 for none. */
    long brokerEpoch() throws IOException {
        return SmallFile.read(files, EPOCH, EPOCH_MAGIC)
                .map(ByteBuffer::getLong)
                .orElse(0L);
    }

    void storeBrokerEpoch(long epoch) throws IOException {
        SmallFile.replace(
                files, EPOCH, EPOCH_MAGIC, ByteBuffer.allocate(Long.BYTES).putLong(0, epoch));
    }

    /** What this process may say about the one before; the proof is gone, durably, afterwards. Before any log is opened. */
    RestartClaim takeCleanStop(UUID directoryId) throws IOException {
        Optional<Marker> marker = SmallFile.read(files, CLEAN, CLEAN_MAGIC)
                .map(m -> new Marker(m.getLong(), new UUID(m.getLong(), m.getLong())));
        if (files.exists(CLEAN)) {
            files.delete(CLEAN);
            files.forceDirectory(DATA);
        }
        return RestartClaim.of(brokerEpoch(), directoryId, marker);
    }

    void noteCleanStop(Marker proof) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(3 * Long.BYTES)
                .putLong(proof.brokerEpoch())
                .putLong(proof.directoryId().getMostSignificantBits())
                .putLong(proof.directoryId().getLeastSignificantBits());
        SmallFile.replace(files, CLEAN, CLEAN_MAGIC, content.flip());
    }
}
