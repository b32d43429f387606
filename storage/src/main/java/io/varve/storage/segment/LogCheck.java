// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.Damage;
import io.varve.storage.EpochEntry;
import io.varve.storage.StorageCheck;
import io.varve.storage.StorageCheck.Finding;
import io.varve.storage.StorageCheck.Severity;
import io.varve.storage.file.FileStore;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Every file of one log, read only. What is damage here, and what a torn end, is as in {@link LogRecovery}.
 *
 * <p><i>confined to one thread</i>
 */
public final class LogCheck {
    private static final String COPIED =
            "with other replicas the node copies it anew when it runs; else restore the file";
    private static final String BUILT = "built anew at the next start, or by the scrub";

    private final FileStore files;
    private final Path log;
    private final StorageCheck check;
    private final @Nullable Checkpoint checkpoint;
    private EpochChain chain;
    private boolean chainIsKnown;

    /**
     * @param chain null if it is not known: then epochs must only not fall
     * @param checkpoint null if it is not known
     */
    public LogCheck(
            FileStore files,
            Path log,
            @Nullable EpochChain chain,
            @Nullable Checkpoint checkpoint,
            StorageCheck check) {
        this.files = files;
        this.log = log;
        this.check = check;
        this.checkpoint = checkpoint;
        this.chain = chain == null ? EpochChain.EMPTY : chain;
        this.chainIsKnown = chain != null;
    }

    public void run() throws IOException {
        List<String> names = files.isDirectory(log) ? files.list(log) : List.of();
        List<Long> bases = new ArrayList<>();
        for (String name : names) {
            OptionalLong base = SegmentNames.offset(name, SegmentNames.LOG);
            base.ifPresent(bases::add);
            other(name, base.isPresent());
        }
        DamageMark.read(files, log).ifPresent(this::marked);
        while (checkpoint != null && bases.size() > 1 && bases.get(1) <= checkpoint.logStartOffset()) {
            bases.remove(0); // deleted before a crash: the next start finishes it
        }
        if (!chainIsKnown) {
            chain = chainOf(bases);
        }
        long end = ends(bases);
        if (checkpoint != null && !checkpoint.isReset() && end < durableEnd()) {
            damaged(log, -1, end, "ends at offset " + end + ", it was durable to " + durableEnd());
        }
    }

    private long durableEnd() {
        return checkpoint == null ? 0 : checkpoint.recoveryPoint();
    }

    private void marked(Damage mark) {
        damaged(log.resolve(DamageMark.NAME), -1, mark.offset(), "the log is marked as damaged: " + mark.detail());
    }

    private void other(String name, boolean segment) throws IOException {
        boolean index = SegmentNames.offset(name, SegmentNames.INDEX).isPresent()
                || SegmentNames.offset(name, SegmentNames.TIME_INDEX).isPresent(); // with their segment
        if (SegmentNames.offset(name, SegmentNames.PRODUCERS).isPresent()) {
            Path path = log.resolve(name);
            check.read(size(path), 0);
            if (!ProducerSnapshots.isIntact(files, path)) {
                rebuilt(path, "cannot be read", "an older one and a longer replay give the same");
            }
        } else if (!segment && !index && !name.equals(DamageMark.NAME)) {
            check.found(new Finding(
                    log.resolve(name),
                    Severity.NOTE,
                    -1,
                    -1,
                    "is no file of a log, or was not finished",
                    "it is ignored"));
        }
    }

    private long size(Path path) throws IOException {
        try (StoreFile file = files.open(path, FileStore.Mode.READ)) {
            return file.size();
        }
    }

    private long ends(List<Long> bases) throws IOException {
        long next = checkpoint == null ? 0 : checkpoint.logStartOffset();
        if (bases.isEmpty()) {
            return next;
        }
        if (checkpoint != null && bases.get(0) > next) {
            damaged(log, -1, next, "the first segment begins at " + bases.get(0) + ", the log at " + next);
        }
        for (int i = 0; i < bases.size(); i++) {
            boolean last = i + 1 == bases.size();
            next = segment(bases.get(i), last ? -1 : bases.get(i + 1));
        }
        return next;
    }

    /** @param until where the next one begins, negative for the last one; returns where this one ends */
    private long segment(long base, long until) throws IOException {
        Segment segment = new Segment(files, log, base);
        try (StoreFile file = files.open(segment.path(), FileStore.Mode.READ)) {
            long size = file.size();
            long batches = 0;
            try (BatchScan scan = new BatchScan(file, 0, size, base, Integer.MAX_VALUE, chain)) {
                while (scan.next()) {
                    scan.step();
                    batches++;
                }
                check.read(size, batches);
                String problem = scan.problem();
                if (problem != null && until < 0 && scan.offset() >= durableEnd()) {
                    torn(segment, size, scan, problem);
                } else if (problem != null) {
                    damaged(segment.path(), scan.position(), scan.offset(), problem);
                } else if (until >= 0 && scan.offset() != until) {
                    damaged(
                            segment.path(),
                            scan.position(),
                            scan.offset(),
                            "ends at offset " + scan.offset() + ", the next segment begins at " + until);
                }
                index(segment, scan.offset(), size, until >= 0 && problem == null);
                return until >= 0 ? until : scan.offset();
            }
        }
    }

    private void torn(Segment segment, long size, BatchScan scan, String problem) throws IOException {
        String what = scan.onlyZerosFollow()
                ? (size - scan.position()) + " zero bytes at the end"
                : "the end is torn: " + problem;
        check.found(new Finding(
                segment.path(), Severity.NOTE, scan.position(), scan.offset(), what, "the next start cuts it"));
    }

    private void index(Segment segment, long endOffset, long size, boolean sealed) throws IOException {
        for (SegmentIndex.Problem problem : segment.index().problems(endOffset, size, sealed)) {
            if (problem.damaged()) {
                rebuilt(problem.file(), problem.what(), BUILT);
            } else {
                check.found(new Finding(problem.file(), Severity.NOTE, -1, -1, problem.what(), BUILT));
            }
        }
    }

    private EpochChain chainOf(List<Long> bases) throws IOException {
        EpochChain built = EpochChain.EMPTY;
        for (long base : bases) {
            Path path = new Segment(files, log, base).path();
            try (StoreFile file = files.open(path, FileStore.Mode.READ)) {
                HeaderWalk walk = new HeaderWalk(file, 0, file.size(), base);
                while (walk.next()) {
                    if (walk.leaderEpoch() > built.lastEpoch()) {
                        built = built.with(new EpochEntry(walk.leaderEpoch(), walk.offset()));
                    }
                    walk.step();
                }
            }
        }
        return built;
    }

    private void damaged(Path file, long position, long offset, String problem) {
        check.found(new Finding(file, Severity.DAMAGED, position, offset, problem, COPIED));
    }

    private void rebuilt(Path file, String problem, String remedy) {
        check.found(new Finding(file, Severity.REBUILT, -1, -1, problem, remedy));
    }
}
