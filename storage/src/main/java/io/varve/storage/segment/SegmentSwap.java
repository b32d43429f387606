// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.IoPool.Step;
import io.varve.storage.file.FileStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a compacted segment into the place of those that it was made from. One is replaced by a rename. Several:
 *
 * <pre>
 * the new file is called BASE-END.swap     from here on, recovery finishes it
 * all but the first are deleted
 * it takes over the first one's name
 * </pre>
 *
 * with the names made durable after each step. The new file was flushed before. Indexes are hints and are built anew behind it.
 *
 * <p><i>confined to the log's I/O task</i>
 */
final class SegmentSwap {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentSwap.class);

    /** What became of it. */
    enum Outcome {
        DONE,
        /** Somebody builds the index of one of them: try again. */
        BUSY,
        /** They are not in the log any more. */
        OVERTAKEN
    }

    private final LogState state;
    private final FileStore files;
    private final List<Segment> replaced;
    private final Segment next;

    SegmentSwap(LogState state, List<Segment> replaced, Segment next) {
        this.state = state;
        this.files = state.home.files();
        this.replaced = replaced;
        this.next = next;
    }

    Outcome run(LogChanges changes) throws IOException {
        changes.requireUsable();
        List<Segment> locked = new ArrayList<>();
        try {
            for (Segment segment : replaced) { // who builds an index now would build it over that of the new segment
                if (!segment.index().beginRebuild()) {
                    return Outcome.BUSY;
                }
                locked.add(segment);
            }
            return swap(changes);
        } finally {
            locked.forEach(segment -> segment.index().endRebuild());
        }
    }

    private Outcome swap(LogChanges changes) throws IOException {
        Segments swapped = state.segments.replacing(replaced, next);
        Segment last = replaced.get(replaced.size() - 1);
        if (swapped == null || state.segments.last() == last || last.endOffset() != next.endOffset()) {
            return Outcome.OVERTAKEN;
        }
        List<Segment> held = new ArrayList<>();
        next.acquireBriefly(); // under its present name
        try {
            for (Segment segment : replaced) { // so that their bytes go when nobody waits for it
                segment.acquireBriefly();
                held.add(segment);
            }
            commit(changes, swapped);
        } finally {
            next.release();
            state.home.ioPool().execute(Step.DELETE, () -> release(held));
        }
        return Outcome.DONE;
    }

    private void commit(LogChanges changes, Segments swapped) throws IOException {
        Segment first = replaced.get(0);
        Path place = first.path();
        boolean several = replaced.size() > 1;
        if (several) {
            next.rename(state.directory.resolve(SegmentNames.swap(next.baseOffset(), next.endOffset())));
        }
        try {
            if (several) {
                files.forceDirectory(state.directory);
            }
            state.segments = swapped;
            for (Segment segment : replaced) {
                segment.replacedBy(next);
            }
            for (Segment segment : replaced.subList(1, replaced.size())) {
                segment.delete();
            }
            if (several) {
                files.forceDirectory(state.directory); // or one of them could come back inside the new one
            }
            next.rename(place);
            files.forceDirectory(state.directory);
        } catch (IOException e) {
            throw changes.offline("replacing " + first + " by its compacted form", e);
        }
    }

    private static void release(List<Segment> held) {
        for (Segment segment : held) {
            try {
                segment.release();
            } catch (IOException e) {
                LOG.warn("{}: closing what was compacted failed: {}", segment, e.toString());
            }
        }
    }

    /** After a crash: finishes what had begun, before anybody looks at the names. */
    static void finishInterrupted(FileStore files, Path directory) throws IOException {
        for (String name : files.list(directory)) {
            OptionalLong base = SegmentNames.swapBase(name);
            if (base.isPresent()) {
                finish(files, directory, name, base.getAsLong());
            }
        }
    }

    private static void finish(FileStore files, Path directory, String swap, long base) throws IOException {
        long end = SegmentNames.swapEnd(swap).orElseThrow();
        for (String name : files.list(directory)) {
            OptionalLong other = SegmentNames.offset(name, SegmentNames.LOG);
            if (other.isPresent() && other.getAsLong() > base && other.getAsLong() < end) {
                new Segment(files, directory, other.getAsLong()).delete();
            }
        }
        FlushFailedException.forceDirectory(files, directory);
        files.rename(directory.resolve(swap), directory.resolve(SegmentNames.of(base, SegmentNames.LOG)));
        FlushFailedException.forceDirectory(files, directory);
        LOG.info("{}: the replacement of segments {} to {} was interrupted and is finished", directory, base, end);
    }
}
