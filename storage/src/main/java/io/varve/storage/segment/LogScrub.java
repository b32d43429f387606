// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.PartitionLog.Scrubbed;
import io.varve.storage.StorageException;
import io.varve.storage.StorageException.Kind;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads again what was written long ago, before somebody needs it: every batch of sealed segments, their indexes, the producer snapshots. What is wrong in a
 * batch is damage; the rest can be built from batches, and is.
 *
 * <p><i>thread-safe</i>
 */
final class LogScrub {
    private static final Logger LOG = LoggerFactory.getLogger(LogScrub.class);

    private final LogState state;
    private final ColdReads reads;
    private final ProducerSnapshots producers;

    LogScrub(LogState state, ColdReads reads, ProducerSnapshots producers) {
        this.state = state;
        this.reads = reads;
        this.producers = producers;
    }

    Scrubbed scrub(long fromOffset, int maxBytes) throws StorageException {
        reads.requireServed();
        long offset = Math.max(fromOffset, state.logStartOffset);
        Segments segments = state.segments;
        int index = segments.floorIndex(offset);
        List<Segment> sealed = segments.sealed();
        if (index < 0 || index >= sealed.size()) {
            scrubSnapshots();
            return new Scrubbed(offset, 0, 0, true);
        }
        try {
            return reads.briefly(sealed.get(index), (segment, file) -> scrub(segment, file, offset, maxBytes));
        } catch (StorageException e) {
            if (e.kind() == Kind.OUT_OF_RANGE) { // deleted, or replaced, meanwhile
                return new Scrubbed(offset, 0, 0, false);
            }
            throw e;
        }
    }

    private Scrubbed scrub(Segment segment, StoreFile file, long offset, int maxBytes) throws IOException {
        HeaderWalk walk = reads.finder().find(segment, file, offset);
        long begin = walk.position();
        try (BatchScan scan =
                new BatchScan(file, begin, segment.sizeBytes(), walk.offset(), Integer.MAX_VALUE, state.chain)) {
            while (scan.position() - begin < maxBytes && scan.next()) {
                scan.step();
            }
            long bytes = scan.position() - begin;
            if (scan.problem() != null) {
                throw reads.finder().damaged(segment, scan.offset(), scan.position(), scan.problem());
            }
            boolean whole = scan.position() >= segment.sizeBytes();
            int repaired = whole && repairIndex(segment, file) ? 1 : 0;
            return new Scrubbed(scan.offset(), bytes, repaired, false);
        }
    }

    private boolean repairIndex(Segment segment, StoreFile file) throws IOException {
        if (segment.index().isIntact(segment.endOffset(), segment.sizeBytes())) {
            return false;
        }
        LOG.warn("{}: its index is damaged, building it anew", segment);
        reads.finder().rebuild(segment, file);
        return true;
    }

    /** A snapshot that is damaged only takes the place of an older one. */
    private void scrubSnapshots() throws StorageException {
        try {
            producers.deleteDamaged();
        } catch (IOException e) {
            throw StorageException.of("log " + state.id + ": deleting damaged producer snapshots", e);
        }
    }
}
