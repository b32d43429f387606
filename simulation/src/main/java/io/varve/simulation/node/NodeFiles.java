// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.storage.file.FileStore;
import io.varve.storage.file.SmallFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

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
        return read(EPOCH, EPOCH_MAGIC);
    }

    void storeBrokerEpoch(long epoch) throws IOException {
        write(EPOCH, EPOCH_MAGIC, epoch);
    }

    /** Whether the process before stopped cleanly under the stored epoch; the proof is gone, durably, afterwards. */
    boolean takeCleanStop() throws IOException {
        long clean = read(CLEAN, CLEAN_MAGIC);
        if (files.exists(CLEAN)) {
            files.delete(CLEAN);
            files.forceDirectory(DATA);
        }
        return clean > 0 && clean == brokerEpoch();
    }

    void noteCleanStop() throws IOException {
        long epoch = brokerEpoch();
        if (epoch > 0) {
            write(CLEAN, CLEAN_MAGIC, epoch);
        }
    }

    private long read(Path path, long magic) throws IOException {
        Optional<ByteBuffer> content = SmallFile.read(files, path, magic);
        return content.isPresent() ? content.get().getLong() : 0;
    }

    private void write(Path path, long magic, long value) throws IOException {
        SmallFile.replace(files, path, magic, ByteBuffer.allocate(Long.BYTES).putLong(0, value));
    }
}
