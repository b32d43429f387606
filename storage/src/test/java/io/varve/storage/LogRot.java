// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.storage.StorageException.Kind;
import io.varve.storage.testkit.SimFs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Flips single bits of what a directory keeps, and says what that may cost: never a wrong record, never one that is lost in silence (P34). */
final class LogRot {
    private static final org.slf4j.Logger LOG = org.slf4j.LoggerFactory.getLogger(LogRot.class);
    private static final Set<String> SHARED = Set.of("checkpoints", "epochs", "catalogue");
    private static final int SCRUB_BYTES = 1000;

    private final Random random;
    private final SimFs files;
    /** What was flipped while no process had it open; cleared when the logs were looked at. */
    private @Nullable Path flipped;
    /** Logs with a wrong bit in their batches, which nobody may have met: in front of the log's start, say. */
    private final Set<LogId> rotten = new HashSet<>();

    LogRot(Random random, SimFs files) {
        this.random = random;
        this.files = files;
    }

    /** While nothing runs: any file but the one that says whose directory this is. */
    void flipAnything() {
        flipped = flip(
                path -> !path.endsWith("meta.properties") && !path.toString().contains(".damaged"));
    }

    private @Nullable Path flip(java.util.function.Predicate<Path> which) {
        List<Path> candidates = new ArrayList<>();
        files.files().forEach((path, bytes) -> {
            if (bytes.length > 0 && which.test(path)) {
                candidates.add(path);
            }
        });
        if (candidates.isEmpty()) {
            return null;
        }
        candidates.sort(null);
        Path chosen = candidates.get(random.nextInt(candidates.size()));
        int bit = random.nextInt(files.contents(chosen).length * 8);
        LOG.debug("bit {} of {} flips", bit, chosen);
        files.flipBit(chosen, bit);
        Path folder = chosen.getParent();
        if (folder != null && chosen.toString().endsWith(".log")) {
            rotten.add(LogId.parse(String.valueOf(folder.getFileName())));
        }
        return chosen;
    }

    void beganAnew(LogId id) {
        rotten.remove(id);
    }

    private static boolean isOf(LogId id, Path path) {
        Path folder = path.getParent();
        return folder != null && folder.endsWith(Path.of("logs", id.toString()));
    }

    private boolean isJournal() {
        return flipped != null && flipped.toString().contains("journal");
    }

    boolean mayHitBatchesOf(LogId id) {
        return isJournal() || rotten.contains(id);
    }

    /**
     * What the log must at least hold when it is opened. What recovery does not check was once called whole, and is not
     * given up; but without checkpoints it checks everything, and a second fault then looks like a torn end. Nor does
     * anything but the checkpoint know where a log without records goes on.
     */
    long floor(LogModel model, long otherwise) {
        if (mayForgetStart() && otherwise <= model.startCeiling) {
            return 0;
        }
        long checked = mayForgetStart() ? 0 : model.recoveryPoint;
        return mayHitBatchesOf(model.id) ? Math.min(otherwise, checked) : otherwise;
    }

    /** Without checkpoints a log begins where its first segment does. */
    boolean mayForgetStart() {
        return flipped != null && flipped.endsWith("checkpoints");
    }

    /** Built anew from the batches that are there. */
    boolean losesOldEpochs() {
        return flipped != null && flipped.endsWith("epochs");
    }

    /** The log was opened with damage: was there any? */
    void explain(LogModel model, Damage damage) {
        assertThat(model.damaged || mayHitBatchesOf(model.id))
                .as("%s is damaged: %s, the bit was flipped in %s", model.id, damage, flipped)
                .isTrue();
    }

    /** The log is unknown, of which so much was promised. */
    void checkForgotten(LogModel model, long promised) {
        boolean catalogue = flipped != null && flipped.endsWith("catalogue");
        assertThat(catalogue && promised == 0)
                .as("%s with %d records is forgotten, the bit was flipped in %s", model.id, promised, flipped)
                .isTrue();
    }

    void looked() {
        flipped = null;
    }

    /**
     * In a process that runs: a batch of a sealed segment. The scrub finds it, and nobody is given it.
     *
     * @return whether there was one
     */
    boolean flipSealed(LogModel model, PartitionLog log) throws Exception {
        String active = "%020d.log".formatted(activeBase(model));
        Path chosen = flip(path -> isOf(model.id, path)
                && path.toString().endsWith(".log")
                && !path.endsWith(active)
                && base(path) >= log.logStartOffset());
        if (chosen == null) {
            return false;
        }
        assertThat(scrubFinds(log)).as("flipped in %s", chosen).isTrue();
        checkReadsOrRefusal(model, log);
        return true;
    }

    private long activeBase(LogModel model) {
        return files.files().keySet().stream()
                .filter(path -> isOf(model.id, path) && path.toString().endsWith(".log"))
                .mapToLong(LogRot::base)
                .max()
                .orElse(0);
    }

    private static long base(Path path) {
        String name = String.valueOf(path.getFileName());
        return Long.parseLong(name.substring(0, name.indexOf('.')));
    }

    /** In a process that runs: what can be made anew from the batches. Nothing changes for anybody. */
    void flipDerived(LogModel model, PartitionLog log) throws Exception {
        Path chosen = flip(path -> isOf(model.id, path)
                && (path.toString().endsWith("index") || path.toString().endsWith(".producers")));
        if (chosen != null) {
            boolean found = scrubFinds(log); // perhaps what has rotted since before the start
            assertThat(found && !rotten.contains(model.id))
                    .as("flipped in %s", chosen)
                    .isFalse();
            if (!found) {
                model.checkReads(log, 1 + random.nextInt(2000));
            }
        }
    }

    /** In a process that runs: a file of all logs. The scrub writes it anew. */
    void flipShared(DataDirectory directory) throws Exception {
        Path chosen = flip(path -> SHARED.contains(String.valueOf(path.getFileName())));
        if (chosen != null) {
            assertThat(directory.scrub()).contains(String.valueOf(chosen.getFileName()));
            assertThat(directory.scrub()).isEmpty();
        }
    }

    private static boolean scrubFinds(PartitionLog log) throws Exception {
        try {
            PartitionLog.Scrubbed at = log.scrub(log.logStartOffset(), SCRUB_BYTES);
            while (!at.finished()) {
                at = log.scrub(at.nextOffset(), SCRUB_BYTES);
            }
            return false;
        } catch (StorageException e) {
            assertThat(e.kind()).isEqualTo(Kind.DAMAGED);
            return true;
        }
    }

    /** Every record read is the one that was written, from memory or because it is elsewhere; or else a read says that there is damage. */
    private static void checkReadsOrRefusal(LogModel model, PartitionLog log) throws Exception {
        try {
            model.checkReads(log, 300);
        } catch (StorageException e) {
            assertThat(e.kind()).isEqualTo(Kind.DAMAGED);
        }
    }
}
