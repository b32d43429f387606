// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.ProducerSnapshot;
import io.varve.storage.file.FileStore;
import io.varve.storage.file.SmallFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code .producers} files of one log, named by the end offset of the state inside. A damaged one is as good as none: an older one and a longer
 * replay give the same state (P41).
 *
 * <p><i>thread-safe</i>
 */
final class ProducerSnapshots {
    private static final Logger LOG = LoggerFactory.getLogger(ProducerSnapshots.class);
    private static final long MAGIC = 0x5652_5650_524f_4431L; // VRVPROD1

    private final LogState state;
    private final FileStore files;

    ProducerSnapshots(LogState state) {
        this.state = state;
        files = state.home.files();
    }

    synchronized Optional<ProducerSnapshot> latest(long endOffset) throws IOException {
        List<Long> ends = ends();
        long highest = Math.min(endOffset, state.writtenEndOffset);
        for (int i = ends.size() - 1; i >= 0; i--) {
            long end = ends.get(i);
            if (end > highest) {
                continue;
            }
            Optional<ByteBuffer> content =
                    SmallFile.read(files, state.directory.resolve(SegmentNames.of(end, SegmentNames.PRODUCERS)), MAGIC);
            if (content.isPresent()) {
                return Optional.of(
                        new ProducerSnapshot(end, content.get().slice().asReadOnlyBuffer()));
            }
            LOG.warn("log {}: the producer snapshot at {} is damaged and not used", state.id, end);
        }
        return Optional.empty();
    }

    synchronized void write(long endOffset, ByteBuffer bytes) throws IOException {
        if (!files.exists(
                state.directory)) { // a log that begins anew elsewhere than at 0 has producers before it has a record
            files.createDirectories(state.directory);
            files.forceDirectory(state.home.logsDirectory());
        }
        SmallFile.replace(
                files, state.directory.resolve(SegmentNames.of(endOffset, SegmentNames.PRODUCERS)), MAGIC, bytes);
        deleteOld(endOffset);
    }

    /**
     * Of those that no truncation can take only the newest stays, and the newest from which the log's start can be told, also after a crash; and the one
     * that was just written, to where the start may be about to move.
     */
    private void deleteOld(long justWritten) throws IOException {
        List<Long> ends = ends();
        int safe = newest(ends, Math.min(state.highWatermark, state.flushedEndOffset));
        int atStart = newest(ends, state.logStartOffset);
        int atDurableStart = newest(ends, state.durableStartOffset);
        for (int i = 0; i < safe; i++) {
            if (i != atStart && i != atDurableStart && ends.get(i) != justWritten) {
                delete(ends.get(i));
            }
        }
    }

    /** Index of the last one at or below {@code offset}, -1 if there is none. */
    private static int newest(List<Long> ends, long offset) {
        int found = -1;
        for (int i = 0; i < ends.size() && ends.get(i) <= offset; i++) {
            found = i;
        }
        return found;
    }

    /** Durably: one that came back would describe other records. */
    synchronized void deleteAbove(long endOffset) throws IOException {
        boolean any = false;
        for (long end : ends()) {
            if (end > endOffset) {
                delete(end);
                any = true;
            }
        }
        if (any) {
            files.forceDirectory(state.directory);
        }
    }

    /** Those that cannot be read: a later look would warn of them again. */
    synchronized void deleteDamaged() throws IOException {
        for (long end : ends()) {
            Path path = state.directory.resolve(SegmentNames.of(end, SegmentNames.PRODUCERS));
            if (!isIntact(files, path)) {
                LOG.warn(
                        "log {}: the producer snapshot at {} is damaged, it is deleted: an older one and a longer replay give the same",
                        state.id,
                        end);
                delete(end);
            }
        }
    }

    static boolean isIntact(FileStore files, Path path) throws IOException {
        return SmallFile.read(files, path, MAGIC).isPresent();
    }

    /** For a change that a snapshot must not come in between of. */
    synchronized void alone(Change.Action action) throws IOException {
        action.run();
    }

    private void delete(long end) throws IOException {
        files.delete(state.directory.resolve(SegmentNames.of(end, SegmentNames.PRODUCERS)));
    }

    private List<Long> ends() throws IOException {
        List<Long> ends = new ArrayList<>();
        if (files.exists(state.directory)) {
            for (String name : files.list(state.directory)) {
                OptionalLong end = SegmentNames.offset(name, SegmentNames.PRODUCERS);
                if (end.isPresent()) {
                    ends.add(end.getAsLong());
                }
            }
        }
        return ends;
    }
}
