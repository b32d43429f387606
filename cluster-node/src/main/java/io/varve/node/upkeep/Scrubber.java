// SPDX-License-Identifier: Apache-2.0
package io.varve.node.upkeep;

import io.varve.node.config.ScrubConfig;
import io.varve.storage.DataDirectory;
import io.varve.storage.LogId;
import io.varve.storage.PartitionLog;
import io.varve.storage.PartitionLog.Scrubbed;
import io.varve.storage.StorageException;
import io.varve.storage.StorageException.Kind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes over everything that is sealed, log by log and at a bounded rate, then pauses, and begins again: rot that nobody reads would spread to every copy in
 * time. What it finds is the log's to tell. <i>Thread-safe</i>; steps are confined to one thread.
 */
public final class Scrubber {

    private static final Logger LOG = LoggerFactory.getLogger(Scrubber.class);
    private static final int STEP_BYTES = 1 << 20;
    private static final Duration FIRST_DELAY = Duration.ofMinutes(1);
    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final DataDirectory directory;
    private final ScrubConfig config;
    private final LongAdder bytes = new LongAdder();
    private final LongAdder passes = new LongAdder();
    private final LongAdder repaired = new LongAdder();
    private final LongAdder damaged = new LongAdder();
    private final Deque<LogId> left = new ArrayDeque<>();
    private long offset;
    private boolean underWay;
    private long passBegan;
    private long bytesBefore;
    private long damagedBefore;
    private volatile int leftInPass; // volatile: written by steps, read by metrics

    public Scrubber(DataDirectory directory, ScrubConfig config) {
        this.directory = directory;
        this.config = config;
    }

    /** Begins; ends with the timer, which is used for nothing else. */
    public void start(ScheduledExecutorService timer) {
        if (config.bytesPerSecond() > 0) {
            Duration first = config.interval().compareTo(FIRST_DELAY) < 0 ? config.interval() : FIRST_DELAY;
            again(timer, first.toNanos());
        }
    }

    private void again(ScheduledExecutorService timer, long nanos) {
        if (!timer.isShutdown()) {
            var unused = timer.schedule(() -> again(timer, step()), nanos, TimeUnit.NANOSECONDS);
        }
    }

    /** Does a little; returns after how many nanoseconds to go on. */
    long step() {
        try {
            return underWay ? next() : begin();
        } catch (StorageException | RuntimeException e) {
            LOG.warn("scrubbing: {}", e.toString());
            skip();
            return NANOS_PER_SECOND;
        }
    }

    private long begin() throws StorageException {
        underWay = true;
        passBegan = System.nanoTime();
        bytesBefore = bytes.sum();
        damagedBefore = damaged.sum();
        left.addAll(directory.logs().keySet());
        leftInPass = left.size();
        repaired.add(directory.scrub().size());
        return 0;
    }

    private long next() throws StorageException {
        LogId id = left.peek();
        if (id == null) {
            return end();
        }
        PartitionLog log = directory.find(id).orElse(null);
        if (log == null || log.damage().isPresent()) {
            skip();
            return 0;
        }
        try {
            Scrubbed done = log.scrub(offset, STEP_BYTES);
            bytes.add(done.bytes());
            repaired.add(done.repaired());
            offset = done.nextOffset();
            if (done.finished()) {
                skip();
            }
            return done.bytes() * NANOS_PER_SECOND / config.bytesPerSecond();
        } catch (StorageException e) {
            if (e.kind() == Kind.DAMAGED) {
                damaged.increment();
                LOG.error("scrubbing: {}", e.getMessage());
            } else if (e.kind() != Kind.CLOSED) {
                throw e;
            }
            skip();
            return 0;
        }
    }

    private void skip() {
        left.poll();
        leftInPass = left.size();
        offset = 0;
    }

    private long end() {
        underWay = false;
        passes.increment();
        LOG.info(
                "scrubbing: {} MiB read in {} s, {} logs damaged; again in {} s",
                (bytes.sum() - bytesBefore) >> 20,
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - passBegan),
                damaged.sum() - damagedBefore,
                config.interval().toSeconds());
        return config.interval().toNanos();
    }

    public long bytes() {
        return bytes.sum();
    }

    /** Over everything. */
    public long passes() {
        return passes.sum();
    }

    /** Logs of the present pass that were not looked at yet. */
    public long logsLeft() {
        return leftInPass;
    }

    /** Files that were damaged and could be written anew. */
    public long repaired() {
        return repaired.sum();
    }

    /** Findings that only another replica can make good. */
    public long damaged() {
        return damaged.sum();
    }
}
