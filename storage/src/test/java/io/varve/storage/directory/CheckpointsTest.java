// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.directory;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.storage.LogId;
import io.varve.storage.segment.Checkpoint;
import io.varve.storage.testkit.SimFs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CheckpointsTest {
    private static final LogId LOG = new LogId(new UUID(1, 1), 0);
    private static final Path DIRECTORY = Path.of("/data");

    private final SimFs files = new SimFs(1);
    private final Checkpoints checkpoints = new Checkpoints(files, DIRECTORY);
    private final AtomicLong asked = new AtomicLong();

    @BeforeEach
    void makeItsDirectory() throws IOException {
        files.createDirectories(DIRECTORY);
    }

    private Map<LogId, Checkpoint> next() {
        return Map.of(LOG, new Checkpoint(0, asked.incrementAndGet(), 0));
    }

    @Test
    void shouldWriteOnceForAllWhoWaitForTheSameWrite() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        FutureTask<Void> first = start(() -> {
            checkpoints.write(() -> {
                Map<LogId, Checkpoint> now = next();
                await(goOn);
                return now;
            });
            return null;
        });
        while (asked.get() == 0) {
            Thread.onSpinWait();
        }
        List<FutureTask<Void>> others = new ArrayList<>();
        List<Thread> waiting = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            FutureTask<Void> other = new FutureTask<>(this::write);
            Thread thread = new Thread(other);
            thread.start();
            others.add(other);
            waiting.add(thread);
        }
        while (!waiting.stream().allMatch(thread -> thread.getState() == Thread.State.BLOCKED)) {
            Thread.onSpinWait();
        }
        goOn.countDown();
        first.get();
        for (FutureTask<Void> other : others) {
            other.get();
        }
        assertThat(asked).hasValue(2);
        assertThat(checkpoints.read().orElseThrow().get(LOG)).isEqualTo(new Checkpoint(0, 2, 0));
    }

    @Test
    void shouldWriteAgainForWhoAsksLater() throws Exception {
        write();
        write();
        assertThat(checkpoints.read().orElseThrow().get(LOG)).isEqualTo(new Checkpoint(0, 2, 0));
    }

    private Void write() throws IOException {
        checkpoints.write(this::next);
        return null;
    }

    private static FutureTask<Void> start(Callable<Void> what) {
        FutureTask<Void> task = new FutureTask<>(what);
        new Thread(task).start();
        return task;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
