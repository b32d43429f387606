// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.Damage;
import io.varve.storage.IoPool.Step;
import io.varve.storage.StorageException;
import io.varve.storage.StorageException.Kind;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What readers found wrong is looked at again in turn with everything that changes files: a reader that a truncation or another change overtook has seen
 * nothing. What is still wrong then is damage (P34), and the listener hears of it; the log goes on until somebody marks it.
 *
 * <p><i>thread-safe</i>
 */
final class Suspicions {
    private static final Logger LOG = LoggerFactory.getLogger(Suspicions.class);

    private final LogState state;
    private final LogWriter writer;
    private final ColdReads reads;
    private final AtomicBoolean looking = new AtomicBoolean();

    Suspicions(LogState state, LogWriter writer, ColdReads reads) {
        this.state = state;
        this.writer = writer;
        this.reads = reads;
    }

    /** A reader could not make sense of what holds {@code offset}. One look at a time: what is wrong elsewhere too is found again. */
    void raise(long offset) {
        if (state.damage != null || state.closed || !looking.compareAndSet(false, true)) {
            return;
        }
        var unused = writer.submitAction(Step.CHANGE, () -> {
            try {
                look(offset);
            } finally {
                looking.set(false);
            }
        });
    }

    private void look(long offset) {
        if (state.damage != null || state.closed || offset < state.logStartOffset || offset >= state.writtenEndOffset) {
            return;
        }
        try {
            reads.in(reads.segmentOf(offset), (segment, file) -> wrongAt(segment, file, offset))
                    .ifPresent(this::found);
        } catch (StorageException e) { // a disk that cannot be read now says nothing about what is on it
            LOG.warn("log {}: looking again at offset {} failed: {}", state.id, offset, e.getMessage());
        }
    }

    private void found(Damage certain) {
        LOG.error("log {}: damaged at offset {}: {}", state.id, certain.offset(), certain.detail());
        state.foundDamage = certain;
        writer.tell(listener -> listener.onDamageFound(certain));
    }

    private Optional<Damage> wrongAt(Segment segment, StoreFile file, long offset) throws IOException {
        HeaderWalk walk;
        try {
            walk = reads.finder().find(segment, file, offset);
        } catch (StorageException e) {
            if (e.kind() != Kind.DAMAGED) {
                throw e;
            }
            return Optional.of(new Damage(offset, String.valueOf(e.getMessage())));
        }
        try (BatchScan scan = new BatchScan(
                file, walk.position(), segment.sizeBytes(), walk.offset(), Integer.MAX_VALUE, state.chain)) {
            return scan.next()
                    ? Optional.empty()
                    : Optional.of(new Damage(
                            scan.offset(), segment.path() + " at byte " + scan.position() + ": " + scan.problem()));
        }
    }
}
