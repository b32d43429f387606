// SPDX-License-Identifier: Apache-2.0
package io.varve.node.upkeep;

import io.varve.storage.RetentionClock;
import io.varve.storage.file.FileStore;
import io.varve.storage.file.SmallFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's {@link RetentionClock}, kept in the file {@code retention-clock} of its data directory. A lost or damaged file counts as absent: then the
 * wall clock is believed once. <i>Confined to the thread of the upkeep.</i>
 */
public final class NodeRetentionClock {

    private static final Logger LOG = LoggerFactory.getLogger(NodeRetentionClock.class);
    private static final String FILE = "retention-clock";
    private static final long MAGIC = 0x5652_5652_434c_4b31L; // VRVRCLK1
    private static final Duration WORTH_A_WARNING = Duration.ofMinutes(10);

    private final FileStore files;
    private final Path file;
    private final LongSupplier wallMillis;
    private final LongSupplier monotonicNanos;
    private final RetentionClock clock;
    private boolean warned;

    public NodeRetentionClock(
            FileStore files, Path dataDirectory, LongSupplier wallMillis, LongSupplier monotonicNanos) {
        this.files = files;
        this.file = dataDirectory.resolve(FILE);
        this.wallMillis = wallMillis;
        this.monotonicNanos = monotonicNanos;
        this.clock = new RetentionClock(kept());
    }

    private long kept() {
        try {
            Optional<ByteBuffer> content = SmallFile.read(files, file, MAGIC);
            if (content.isPresent() && content.get().remaining() == Long.BYTES) {
                return content.get().getLong();
            }
        } catch (IOException e) {
            LOG.warn("{} cannot be read: the wall clock is believed once", file, e);
        }
        return RetentionClock.UNKNOWN;
    }

    /** The time by which records are old, in milliseconds since 1970. */
    long read() {
        long wall = wallMillis.getAsLong();
        long now = clock.read(wall, monotonicNanos.getAsLong());
        warn(wall, now);
        if (clock.ceilingMillis() != RetentionClock.UNKNOWN) {
            keep(clock.ceilingMillis());
        }
        return now;
    }

    private void warn(long wall, long now) {
        boolean late = wall - now > WORTH_A_WARNING.toMillis();
        if (late && !warned) {
            LOG.warn(
                    "the wall clock is {} ahead of what this node has counted, or the node was down for so long: retention "
                            + "goes by {} and makes up for it at double speed",
                    Duration.ofMillis(wall - now),
                    java.time.Instant.ofEpochMilli(now));
        }
        warned = late;
    }

    private void keep(long millis) {
        try {
            SmallFile.replace(
                    files,
                    file,
                    MAGIC,
                    ByteBuffer.allocate(Long.BYTES).putLong(millis).flip());
        } catch (IOException e) { // the next pass keeps it; until then a restart makes up for more
            LOG.warn("{} cannot be written: {}", file, e.toString());
        }
    }
}
