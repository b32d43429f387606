// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PartitionLoopTest {
    @Test
    void shouldRunTheEventsOfEachThreadInItsOrder() throws InterruptedException {
        PartitionLoop loop = started();
        int threads = 4;
        int events = 20_000;
        int[] next = new int[threads];
        AtomicInteger disorder = new AtomicInteger();
        List<Thread> senders = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int sender = t;
            senders.add(new Thread(() -> {
                for (int i = 0; i < events; i++) {
                    int number = i;
                    loop.post(() -> {
                        if (next[sender]++ != number) {
                            disorder.incrementAndGet();
                        }
                    });
                }
            }));
        }
        senders.forEach(Thread::start);
        for (Thread sender : senders) {
            sender.join();
        }
        loop.close();
        assertThat(disorder.get()).isZero();
        assertThat(next).containsOnly(events);
    }

    @Test
    void shouldWakeUpForEveryEventAfterHavingSlept() throws InterruptedException {
        PartitionLoop loop = started();
        for (int i = 0; i < 5_000; i++) {
            CountDownLatch ran = new CountDownLatch(1);
            loop.post(ran::countDown);
            assertThat(ran.await(5, TimeUnit.SECONDS)).as("event %d", i).isTrue();
        }
        loop.close();
    }

    @Test
    void shouldRefuseOffersWhenItsQueueIsFull() throws InterruptedException {
        PartitionLoop loop = started();
        CountDownLatch hold = new CountDownLatch(1);
        CountDownLatch held = new CountDownLatch(1);
        loop.post(() -> {
            held.countDown();
            try {
                hold.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        held.await();
        int taken = 0;
        while (loop.offer(() -> {})) {
            taken++;
        }
        assertThat(taken).isEqualTo(PartitionLoop.CAPACITY);
        hold.countDown();
        loop.close();
        assertThat(loop.offer(() -> {})).isFalse();
    }

    @Test
    void shouldGoOnAfterAnEventThatThrows() throws InterruptedException {
        PartitionLoop loop = started();
        CountDownLatch ran = new CountDownLatch(1);
        loop.post(() -> {
            throw new IllegalStateException("made up");
        });
        loop.post(ran::countDown);
        assertThat(ran.await(5, TimeUnit.SECONDS)).isTrue();
        loop.close();
    }

    @Test
    void shouldRunLateEventsOnTheThreadThatBringsThem() {
        PartitionLoop loop = started();
        loop.close();
        Thread[] ranOn = new Thread[1];
        loop.post(() -> {
            loop.assertInLoop();
            ranOn[0] = Thread.currentThread();
        });
        assertThat(ranOn[0]).isSameAs(Thread.currentThread());
    }

    private static PartitionLoop started() {
        PartitionLoop loop = new PartitionLoop("test-loop", LoopClock.SYSTEM, 0);
        loop.start();
        return loop;
    }
}
