// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.record.BatchBuilder;
import io.varve.record.Codec;
import io.varve.storage.StorageException.Kind;
import io.varve.storage.testkit.SimFs;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** One run of random work and faults on a data directory with two logs, all from one seed. */
final class LogSimulation {
    private static final org.slf4j.Logger LOG = org.slf4j.LoggerFactory.getLogger(LogSimulation.class);
    private static final int STEPS = 60;
    private static final Codec[] CODECS = {Codec.NONE, Codec.NONE, Codec.GZIP};

    private final Random random;
    private final SimFs files;
    private final StepExecutor pool;
    private final LogSettings settings;
    private final JournalSettings journal;
    private final List<LogModel> models = new ArrayList<>();
    private final boolean faults;
    private final boolean rots;
    private final LogRot rot;
    private DataDirectory directory;
    private int process;
    /** Since the logs were opened last. */
    private boolean powerLost;

    private boolean powerLossPlanned;
    private long clock = 10_000;

    LogSimulation(long seed) throws Exception {
        random = new Random(seed);
        pool = new StepExecutor(random.nextBoolean());
        files = new SimFs(random.nextLong());
        files.allowShortWrites(random.nextBoolean());
        files.onDeath(() -> powerLost |= powerLossPlanned);
        faults = random.nextInt(3) > 0;
        settings = LogSettings.DEFAULT
                .withDurability(random.nextInt(3) == 0 ? Durability.WRITTEN : Durability.FLUSHED)
                .withSegmentSizeBytes(200 + random.nextInt(3000))
                .withIndexIntervalBytes(random.nextInt(400))
                .withCompaction(
                        new CompactionSettings(random.nextBoolean(), 0, 0, Long.MAX_VALUE, random.nextInt(100)));
        journal = random.nextBoolean()
                ? JournalSettings.DEFAULT
                : new JournalSettings(
                        1 + random.nextInt(2), random.nextInt(8) * 1000, 12_000 + random.nextInt(20_000), 2);
        rots = random.nextInt(3) == 0;
        rot = new LogRot(random, files);
        DataDirectory.format(files, Directories.ROOT, Directories.IDENTITY);
        directory = open();
        for (int i = 0; i < 2; i++) {
            LogModel model = new LogModel(new LogId(new UUID(7, 8), i));
            models.add(model);
            directory.create(model.id, settings).attach(model);
        }
    }

    private DataDirectory open() throws Exception {
        while (true) {
            process = files.process();
            try {
                DataDirectory opened = pool.directly(
                        () -> Directories.open(files.newProcess(), Directories.ROOT, settings, pool, journal));
                if (files.process() == process) {
                    return opened;
                }
                opened.abandon(); // it died after all that had to succeed
            } catch (StorageException e) {
                assertThat(files.process()).as("died while it opened").isNotEqualTo(process);
            }
            pool.forget();
        }
    }

    void run() throws Exception {
        for (int step = 0; step < STEPS; step++) {
            step(models.get(random.nextInt(models.size())));
        }
        restart(2);
        restart(1);
        files.clearFaults();
        pool.directly(() -> {
            directory.close();
            return null;
        });
        assertThat(files.openFiles()).isZero();
    }

    /** The whole disk. */
    String left() {
        StringBuilder all = new StringBuilder();
        files.files()
                .forEach((path, bytes) -> all.append(path)
                        .append(' ')
                        .append(Arrays.hashCode(bytes))
                        .append('\n'));
        return all.append(random.nextLong()).toString();
    }

    private void step(LogModel model) throws Exception {
        PartitionLog log = log(model);
        int action = random.nextInt(settings.compaction().enabled() ? 30 : 26);
        LOG.debug(
                "step {} on {}: end {}, start {}",
                action,
                model.id.partition(),
                log.writtenEndOffset(),
                log.logStartOffset());
        switch (action) {
            case 0, 1, 2, 3, 4, 5, 6, 7 -> append(model, log);
            case 8, 9, 10 -> pool.step();
            case 11 -> pool.drain();
            case 12 -> change(log.flush());
            case 13 -> change(log.roll());
            case 14 -> truncate(model, log);
            case 15 -> advance(model, log);
            case 16 -> checkpoint(model, log);
            case 17 -> snapshot(model, log);
            case 18, 19 -> read(model, log);
            case 20, 23, 24 -> fault();
            case 21 -> restart(random.nextInt(3));
            case 22 -> retention(model, log);
            case 25 -> rot(model, log);
            case 26, 27, 28, 29 -> compact(model, log);
            default -> reopen(model, log);
        }
        if (files.process() != process) {
            restart(1);
        } else if (offline()) {
            restart(random.nextInt(2));
        }
    }

    private PartitionLog log(LogModel model) {
        return directory.find(model.id).orElseThrow();
    }

    private void append(LogModel model, PartitionLog log) {
        if (model.failed || log.failure().isPresent()) {
            Chunk late = Batches.at(log.stagedEndOffset(), model.epoch, Batches.produced(1, "late"));
            assertThat(log.stage(late)).isFalse();
            return;
        }
        if (random.nextInt(6) == 0) {
            model.epoch++;
            log.assignEpoch(model.epoch, log.stagedEndOffset());
        }
        for (int batches = 1 + random.nextInt(4); batches > 0; batches--) {
            BatchBuilder builder = new BatchBuilder(CODECS[random.nextInt(CODECS.length)], 1 << 20);
            long base = log.stagedEndOffset();
            assertThat(base).isEqualTo(model.records.size());
            model.batchStarts.add(base);
            for (int i = 1 + random.nextInt(4); i > 0; i--) {
                clock += random.nextInt(20) - 5;
                String value = "v".repeat(random.nextInt(random.nextInt(8) == 0 ? 900 : 60)) + random.nextInt(1000);
                boolean keyed = random.nextInt(5) > 0;
                boolean tombstone = keyed && random.nextInt(5) == 0;
                String key = keyed ? "key" + random.nextInt(6) : null;
                builder.tryAppend(clock, bytes(key), tombstone ? null : bytes(value), List.of());
                model.add(clock, key, tombstone ? null : value);
            }
            boolean staged = log.stage(Batches.at(base, model.epoch, Batches.chunk(builder.build())));
            assertThat(staged).isTrue();
        }
    }

    private static byte @Nullable [] bytes(@Nullable String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    /** Begins a pass, or goes on with the one that is under way. */
    private void compact(LogModel model, PartitionLog log) throws Exception {
        clock += random.nextInt(50);
        if (model.pass == null) {
            long highWatermark = random.nextInt((int) log.flushedEndOffset() + 1);
            model.compactable = Math.max(model.compactable, highWatermark);
            model.pass = log.compaction(
                            new CompactionRequest(clock, highWatermark, CompactionRequest.KEY_MAP_BYTES_MIN))
                    .orElse(null);
        }
        CompactionPass pass = model.pass;
        try {
            for (int steps = random.nextInt(40); pass != null && steps > 0 && !pass.isDone(); steps--) {
                pass.step(1 + random.nextInt(3000), clock);
                pool.step();
            }
        } catch (StorageException e) {
            model.pass = null;
            boolean explained = e.kind() == Kind.OUT_OF_RANGE || e.kind() == Kind.CLOSED || e.kind() == Kind.DAMAGED;
            assertThat(explained || faults).as(e.getMessage()).isTrue();
            if (e.kind() == Kind.DAMAGED) {
                giveUp(model, log, e);
            }
        }
        if (model.pass != null && model.pass.isDone()) {
            long compactedTo = model.pass.report().compactedTo();
            model.pass = null;
            if (files.process() == process && !faults) {
                model.checkCompacted(log, compactedTo);
            }
        }
    }

    /** Runs a change to its end; it may fail by a fault that was set. */
    private boolean change(CompletableFuture<?> future) throws Exception {
        pool.drain();
        try {
            future.join();
            return true;
        } catch (CompletionException e) {
            assertThat(e.getCause()).isInstanceOf(StorageException.class);
            return false;
        }
    }

    private void truncate(LogModel model, PartitionLog log) throws Exception {
        pool.drain();
        if (log.failure().isPresent() || log.writtenEndOffset() == log.logStartOffset() || offline()) {
            return;
        }
        long length = log.writtenEndOffset() - log.logStartOffset();
        long to = log.logStartOffset() + Math.floorMod(random.nextLong(), length + 1);
        if (batchStart(model, log, to) < model.compactable) {
            return; // what was compacted was committed
        }
        model.flushed = Math.min(model.flushed, to); // what an interrupted truncation still has to keep,
        model.written = Math.min(model.written, to); // but for the batch that holds it
        long lowest = batchStart(model, log, to);
        model.flushed = Math.min(model.flushed, lowest);
        model.written = Math.min(model.written, lowest);
        CompletableFuture<Long> future = log.truncateTo(to);
        if (change(future)) {
            assertThat(future.join()).isEqualTo(lowest);
            model.truncateTo(lowest);
            model.written = lowest;
            model.flushed = log.flushedEndOffset();
        }
    }

    private static long batchStart(LogModel model, PartitionLog log, long offset) {
        return offset == log.writtenEndOffset()
                ? offset
                : Math.max(log.logStartOffset(), model.batchStarts.floor(offset));
    }

    private void advance(LogModel model, PartitionLog log) throws Exception {
        pool.drain();
        long to = log.logStartOffset() + random.nextInt(10);
        model.startCeiling = Math.max(model.startCeiling, Math.min(to, log.writtenEndOffset()));
        if (change(log.advanceLogStart(to, log.writtenEndOffset()))) {
            model.startFloor = log.logStartOffset();
        }
    }

    private void retention(LogModel model, PartitionLog log) throws Exception {
        pool.drain();
        log.configure(settings.withRetention(500L + random.nextInt(4000), 50 + random.nextInt(400)));
        long highWatermark =
                log.logStartOffset() + random.nextInt((int) (log.writtenEndOffset() - log.logStartOffset() + 1));
        model.startCeiling = Math.max(model.startCeiling, highWatermark);
        long wanted;
        try {
            wanted = log.retentionStart(clock, highWatermark);
            model.checkExpiry(log, wanted, highWatermark, clock - log.settings().retentionMillis());
        } catch (StorageException e) {
            assertThat(faults).isTrue();
            return;
        }
        assertThat(wanted).isBetween(log.logStartOffset(), Math.max(highWatermark, log.logStartOffset()));
        if (change(log.expireBelow(wanted, highWatermark))) { // durable with the next checkpoint
            assertThat(log.logStartOffset()).isEqualTo(wanted);
        }
        change(log.tidy(clock * 1_000_000));
    }

    private void checkpoint(LogModel model, PartitionLog log) throws Exception {
        log.checkpointHighWatermark(Math.max(log.logStartOffset(), model.written));
        try {
            directory.checkpoint();
        } catch (StorageException e) {
            assertThat(faults).isTrue();
        }
    }

    private void snapshot(LogModel model, PartitionLog log) {
        if (model.failed || model.records.isEmpty()) {
            return;
        }
        try {
            log.writeProducerSnapshot(model.records.size(), model.state(model.records.size()));
        } catch (StorageException e) {
            assertThat(faults).isTrue();
        }
    }

    private void read(LogModel model, PartitionLog log) throws Exception {
        try {
            model.checkReads(log, 1 + random.nextInt(2000));
            model.checkTime(log, clock - random.nextInt(300));
        } catch (StorageException e) {
            assertThat(e.kind()).isEqualTo(Kind.IO);
            assertThat(faults).isTrue();
        }
    }

    private void fault() {
        if (!faults) {
            return;
        }
        if (random.nextInt(3) == 0) {
            files.setCapacityBytes(files.usedBytes() + random.nextInt(3000));
        } else if (random.nextInt(3) == 0) {
            planCrash();
        } else {
            SimFs.Operation[] all = SimFs.Operation.values();
            files.clearFaults();
            files.failAfter(all[random.nextInt(all.length)], 1 + random.nextInt(6));
        }
    }

    /** Instead of an I/O error: a process that dies between a failed flush and its mark leaves nothing that tells of it. */
    private void planCrash() {
        files.clearFaults();
        powerLossPlanned = random.nextBoolean();
        files.crashAfter(1 + random.nextInt(20), powerLossPlanned);
    }

    private void reopen(LogModel model, PartitionLog log) throws Exception {
        if (!model.failed || model.failure != Kind.DISK_FULL || offline()) {
            return;
        }
        files.setCapacityBytes(Long.MAX_VALUE);
        files.clearFaults();
        long floor = model.written;
        model.failed = false;
        CompletableFuture<Long> future = log.reopen();
        assertThat(change(future)).isTrue();
        long startFloor = model.startFloor;
        model.checkReopened(log, floor);
        model.startFloor = startFloor; // where it begins may still be in memory only
    }

    private boolean offline() {
        return directory.failure().isPresent();
    }

    /** 0 the machine dies, 1 the process dies, 2 it stops cleanly if it can. */
    private void restart(int how) throws Exception {
        boolean clean = false;
        if (how == 2 && !offline()) {
            files.clearFaults();
            files.setCapacityBytes(Long.MAX_VALUE);
            for (LogModel model : models) {
                if (model.pass != null) {
                    model.pass.close();
                }
            }
            boolean anyFailed = models.stream().anyMatch(model -> model.failed);
            pool.directly(() -> {
                directory.close();
                return null;
            });
            clean = !anyFailed && models.stream().noneMatch(model -> model.failed);
            files.crash();
        } else {
            abandonChunks();
            if (how == 0) {
                files.losePower();
                powerLost = true;
            } else {
                files.crash();
            }
        }
        models.forEach(model -> model.pass = null);
        files.setCapacityBytes(Long.MAX_VALUE);
        if (faults && random.nextInt(4) == 0) {
            planCrash();
        }
        if (rots && random.nextInt(3) == 0) {
            rot.flipAnything();
        }
        directory = open();
        if (rots) {
            files.clearFaults(); // looking at a damaged log may write
        }
        for (LogModel model : models) {
            check(model, clean ? model.records.size() : powerLost ? model.flushed : model.written);
        }
        rot.looked();
        powerLost = false;
    }

    /** What a start found of a log. */
    private void check(LogModel model, long floor) throws Exception {
        if (rots && directory.find(model.id).isEmpty()) {
            rot.checkForgotten(model, floor);
            directory.create(model.id, settings);
        }
        PartitionLog log = log(model);
        if (rots && log.damage().isPresent()) {
            rot.explain(model, log.damage().get());
            beginAnew(model);
            return;
        }
        assertThat(model.damaged).isFalse();
        model.chainRebuilt |= rot.losesOldEpochs();
        if (rot.mayForgetStart()) {
            model.startFloor = 0;
        }
        try {
            model.checkReopened(log, rot.floor(model, floor));
            log.attach(model);
        } catch (StorageException e) {
            giveUp(model, log, e);
        }
    }

    /** There are other copies of what rotted. */
    private void giveUp(LogModel model, PartitionLog log, StorageException found) throws Exception {
        assertThat(found.kind() == Kind.DAMAGED && rot.mayHitBatchesOf(model.id))
                .as(found.getMessage())
                .isTrue();
        pool.drain();
        files.clearFaults();
        files.setCapacityBytes(Long.MAX_VALUE); // a mark needs room
        assertThat(change(log.markDamaged("rot"))).isTrue();
        beginAnew(model);
    }

    private void beginAnew(LogModel model) throws Exception {
        files.clearFaults();
        PartitionLog fresh = pool.directly(() -> directory.startAfresh(model.id));
        model.beginAnew();
        rot.beganAnew(model.id);
        fresh.attach(model);
    }

    /** Bits flip while the process runs, and the scrub comes by. */
    private void rot(LogModel model, PartitionLog log) throws Exception {
        pool.drain();
        if (!rots || model.failed || log.failure().isPresent() || offline()) {
            return;
        }
        files.clearFaults();
        files.setCapacityBytes(Long.MAX_VALUE);
        if (model.pass != null) {
            model.pass.close();
            model.pass = null;
        }
        switch (random.nextInt(3)) {
            case 0 -> rot.flipDerived(model, log);
            case 1 -> rot.flipShared(directory);
            default -> {
                if (rot.flipSealed(model, log)) {
                    assertThat(change(log.markDamaged("rot"))).isTrue();
                    model.damaged = true;
                    if (random.nextBoolean()) {
                        restart(random.nextInt(3));
                    } else {
                        beginAnew(model);
                    }
                }
            }
        }
    }

    /** The process's memory is gone; here its chunks have to be given back. */
    private void abandonChunks() {
        files.crash();
        for (LogModel model : models) {
            log(model).attach(LogListener.NONE);
        }
        try {
            pool.directly(() -> {
                directory.close();
                return null;
            });
        } catch (Exception e) {
            // every file is dead
        }
        pool.forget();
    }
}
