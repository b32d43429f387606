// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.file.FileStore;
import io.varve.storage.file.SmallFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file {@code compaction} of a log: its {@link CompactionMark}. A log without one was never compacted.
 *
 * <p><i>thread-safe</i>
 */
final class CompactionFile {
    static final String NAME = "compaction";

    private static final Logger LOG = LoggerFactory.getLogger(CompactionFile.class);
    private static final long MAGIC = 0x5652_5643_4f4d_5031L; // VRVCOMP1

    private final LogState state;
    private volatile int generation; // volatile: changed under this, read by anybody
    private volatile CompactionMark mark = CompactionMark.NONE; // volatile: changed under this, read by anybody

    CompactionFile(LogState state) {
        this.state = state;
    }

    /** Made when it is needed: most logs have no such file. */
    private Path path() {
        return state.directory.resolve(NAME);
    }

    CompactionMark mark() {
        return mark;
    }

    /** Changes when the log is cut or begins anew: what a pass found out before is not true any more. */
    int generation() {
        return generation;
    }

    /** Reads it when the log was recovered. A damaged one means a whole pass again, and that any tombstone may be missing. */
    synchronized void load() throws IOException {
        FileStore files = state.home.files();
        Path path = path();
        if (!files.exists(path)) {
            mark = CompactionMark.NONE;
            return;
        }
        Optional<ByteBuffer> content = SmallFile.read(files, path, MAGIC);
        if (content.isPresent()) {
            mark = CompactionMark.of(content.get()).cutAt(state.writtenEndOffset);
        } else {
            mark = CompactionMark.NONE.withHorizon(state.writtenEndOffset);
            LOG.warn(
                    "log {}: {} is damaged; a follower that ends below offset {} begins anew, and the next pass"
                            + " compacts everything",
                    state.id,
                    path,
                    state.writtenEndOffset);
        }
    }

    /** Tombstones below {@code horizon} may be missing. Durable before anybody reads a log that lacks them. */
    synchronized void raiseHorizon(long horizon) throws IOException {
        if (horizon > mark.tombstoneHorizon()) {
            keep(mark.withHorizon(horizon));
        }
    }

    /** Returns false, and notes nothing, if the pass began in another generation. */
    synchronized boolean passed(int passGeneration, CompactionMark.Pass pass, long firstTombstone, long retentionMillis)
            throws IOException {
        if (passGeneration != generation) {
            return false;
        }
        keep(mark.after(pass, firstTombstone, retentionMillis));
        return true;
    }

    /** Before the log is cut there: recovery, too, must not take what comes then for compacted. */
    synchronized void cutAt(long endOffset) throws IOException {
        CompactionMark cut = mark.cutAt(endOffset);
        generation++;
        if (cut != mark) {
            keep(cut);
        }
    }

    /** The log begins anew, and its files are gone. */
    synchronized void forget() {
        generation++;
        mark = CompactionMark.NONE;
    }

    private void keep(CompactionMark next) throws IOException {
        SmallFile.replace(state.home.files(), path(), MAGIC, next.bytes());
        mark = next;
    }
}
