// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.directory;

import io.varve.storage.LogId;
import io.varve.storage.StorageException;
import io.varve.storage.StorageException.Kind;
import io.varve.storage.file.FileStore;
import io.varve.storage.file.FileStore.Mode;
import io.varve.storage.file.SmallFile;
import io.varve.storage.file.StoreFile;
import io.varve.storage.segment.Checkpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoint file: for each log topic id, partition (int32), high watermark, recovery point and log start (int64). Beside it lies a ballast file,
 * given up when the disk is full: without a checkpoint or an entry in the catalogue nothing may be deleted, and only deleting makes room.
 *
 * <p><i>thread-safe</i>
 */
final class Checkpoints {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
    private static final long MAGIC = 0x5652_5643_484b_5031L; // VRVCHKP1
    private static final int ENTRY_BYTES = 2 * Long.BYTES + Integer.BYTES + 3 * Long.BYTES;
    private static final int BALLAST_BYTES = 256 << 10;
    /** With less it would only be taken from those who need it. */
    private static final int ROOM_FOR_BALLAST_BYTES = 64 * BALLAST_BYTES;

    private final FileStore files;
    private final Path path;
    private final Path ballast;
    private final AtomicLong asked = new AtomicLong();
    private long covered; // guarded by this; of those who asked, the last one whose news are written
    private @Nullable ByteBuffer last; // guarded by this
    private boolean ballastGone; // guarded by this; and room for another one was not there yet

    Checkpoints(FileStore files, Path directory) {
        this.files = files;
        path = directory.resolve("checkpoints");
        ballast = directory.resolve(".ballast");
    }

    /** What the file says; empty if it was lost. */
    Optional<Map<LogId, Checkpoint>> read() throws IOException {
        Optional<ByteBuffer> content = SmallFile.read(files, path, MAGIC);
        if (content.isEmpty()) {
            return Optional.empty();
        }
        ByteBuffer bytes = content.get();
        Map<LogId, Checkpoint> found = new TreeMap<>();
        while (bytes.remaining() >= ENTRY_BYTES) {
            LogId id = new LogId(new UUID(bytes.getLong(), bytes.getLong()), bytes.getInt());
            found.put(id, new Checkpoint(bytes.getLong(), bytes.getLong(), bytes.getLong()));
        }
        return Optional.of(found);
    }

    /**
     * Durable when it returns. Those who wait for the same write share the next one: when many logs delete files at once, each writes for all of them.
     *
     * @param current what there is to say at the moment when it is called
     */
    void write(Supplier<Map<LogId, Checkpoint>> current) throws IOException {
        long turn = asked.incrementAndGet();
        synchronized (this) {
            if (turn <= covered) {
                return;
            }
            long covers = asked.get(); // before the logs are asked
            replaceIfChanged(current.get());
            covered = covers;
        }
    }

    private void replaceIfChanged(Map<LogId, Checkpoint> checkpoints) throws IOException { // holds this
        ByteBuffer content = ByteBuffer.allocate(checkpoints.size() * ENTRY_BYTES);
        checkpoints.forEach((id, checkpoint) -> content.putLong(id.topicId().getMostSignificantBits())
                .putLong(id.topicId().getLeastSignificantBits())
                .putInt(id.partition())
                .putLong(checkpoint.highWatermark())
                .putLong(checkpoint.recoveryPoint())
                .putLong(checkpoint.logStartOffset()));
        content.flip();
        if (content.equals(last)) {
            return;
        }
        last = null; // after a failure nobody knows which of both is there
        try {
            SmallFile.replace(files, path, MAGIC, content);
        } catch (IOException e) {
            if (!ballastHelps(e)) {
                throw e;
            }
            SmallFile.replace(files, path, MAGIC, content);
        }
        last = content;
        if (ballastGone && files.freeBytes(path) > ROOM_FOR_BALLAST_BYTES) {
            keepBallast();
        }
    }

    /** Whether the disk was full and has room again, because the ballast went: then it is worth to try again. */
    synchronized boolean ballastHelps(IOException failure) throws IOException {
        if (StorageException.of("checkpoint", failure).kind() != Kind.DISK_FULL || !files.exists(ballast)) {
            return false;
        }
        LOG.warn("{}: the disk is full, the ballast goes", path);
        files.delete(ballast);
        ballastGone = true;
        return true;
    }

    /** Whether the file can be read; if not, the next {@link #write} replaces it, whatever it has to say. */
    synchronized boolean isIntact() throws IOException {
        boolean intact = SmallFile.read(files, path, MAGIC).isPresent();
        if (!intact) {
            last = null;
        }
        return intact;
    }

    /** Makes sure that the ballast is there, if there is room for it. */
    synchronized void keepBallast() {
        try {
            if (!files.exists(ballast)) {
                try (StoreFile file = files.open(ballast, Mode.REPLACE)) {
                    file.writeFully(ByteBuffer.allocate(BALLAST_BYTES), 0);
                }
            }
            ballastGone = false;
        } catch (IOException e) {
            try {
                files.delete(ballast); // a partial one takes the room of something better
            } catch (IOException again) {
                LOG.warn("{}: {}", ballast, again.toString());
            }
        }
    }
}
