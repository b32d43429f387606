// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import static io.varve.replication.link.LinkMessages.ack;
import static io.varve.replication.link.LinkMessages.append;
import static io.varve.replication.link.LinkMessages.nack;
import static io.varve.replication.link.LinkMessages.open;
import static io.varve.replication.link.LinkMessages.partition;
import static io.varve.replication.link.LinkMessages.state;
import static io.varve.replication.link.LinkMessages.truncate;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.storage.Chunk;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LaneQueueTest {
    private static final int PARTITION_CAP = 4_000;
    private static final int STREAM_CAP = 10_000;
    private static final int QUANTUM = 1_000;

    private final LaneQueue queue = new LaneQueue(
            new LinkSettings.Limits(PARTITION_CAP, STREAM_CAP, 2_000, QUANTUM, 50_000, 20_000, 100_000, 1_000));

    @AfterEach
    void nothingIsLeft() {
        queue.clear();
        assertThat(Chunk.openCount()).isZero();
    }

    @Test
    void shouldKeepTheOrderOfAPartition() {
        queue.add(open(1, 1));
        queue.add(truncate(1, 1));
        queue.add(append(1, 1, 0, 100));
        queue.add(append(1, 1, 1, 100));

        assertThat(takeAll())
                .extracting(message -> message.getClass().getSimpleName())
                .containsExactly("Open", "Truncate", "Append", "Append");
    }

    @Test
    void shouldNotLetABusyPartitionDelayAQuietOneByMoreThanItsShare() {
        for (int i = 0; i < 8; i++) {
            for (int busy = 1; busy <= 3; busy++) {
                queue.add(append(busy, 1, i, 400));
            }
        }
        queue.add(append(9, 1, 0, 100));

        long before = 0;
        for (ReplicaMessage message : takeAll()) {
            if (message.partition().equals(partition(9))) {
                break;
            }
            before += LaneQueue.costBytes(message);
        }
        // of each of the three: a quantum and less than a message
        assertThat(before).isPositive().isLessThan(3 * (QUANTUM + 600));
    }

    @Test
    void shouldShareByBytesNotByMessages() {
        for (int i = 0; i < 40; i++) {
            queue.add(append(1, 1, i, 20));
        }
        for (int i = 0; i < 4; i++) {
            queue.add(append(2, 1, i, 850));
        }
        long[] sent = new long[3];
        for (int frame = 0; frame < 2; frame++) {
            for (ReplicaMessage message : queue.take()) {
                sent[message.partition().partition()] += LaneQueue.costBytes(message);
                LaneQueue.release(message);
            }
        }
        assertThat(Math.abs(sent[1] - sent[2])).isLessThanOrEqualTo(QUANTUM + 1_000);
    }

    @Test
    void shouldHoldBackAPartitionWithoutCreditAndOnlyThat() {
        for (int i = 0; i < 8; i++) {
            queue.add(append(1, 1, i, 900));
        }
        queue.add(append(2, 1, 0, 900));
        queue.add(open(3, 1));

        List<ReplicaMessage.ToFollower> taken = takeAll();

        assertThat(taken).filteredOn(m -> m.partition().equals(partition(1))).hasSize(4);
        assertThat(taken).filteredOn(m -> m.partition().equals(partition(2))).hasSize(1);
        assertThat(taken.get(0)).isInstanceOf(ReplicaMessage.Open.class);
        assertThat(queue.queuedMessages()).isEqualTo(4);

        queue.answered(ack(1, 1, 2), true);
        assertThat(takeAll()).hasSize(2);
    }

    @Test
    void shouldBoundTheWholeStreamButNotMessagesWithoutBytes() {
        for (int p = 1; p <= 20; p++) {
            queue.add(append(p, 1, 0, 900));
        }
        int first = takeAll().size();
        queue.add(open(30, 1));

        assertThat(queue.inFlightBytes()).isLessThanOrEqualTo(STREAM_CAP).isGreaterThan(STREAM_CAP - 1_100);
        assertThat(takeAll()).hasSize(1).first().isInstanceOf(ReplicaMessage.Open.class);
        for (int p = 1; p <= first; p++) {
            queue.answered(ack(p, 1, 1), true);
        }
        assertThat(queue.inFlightBytes()).isZero();
        assertThat(takeAll()).hasSize(20 - first);
    }

    @Test
    void shouldSendAMessageLargerThanEveryBoundAlone() {
        queue.add(append(1, 1, 0, 100));
        queue.add(append(1, 1, 1, 20_000));
        queue.add(append(2, 1, 0, 100));

        assertThat(takeAll()).hasSize(2);
        assertThat(takeAll()).isEmpty();
        queue.answered(ack(1, 1, 1), true);
        queue.answered(ack(2, 1, 1), true);
        assertThat(takeAll()).hasSize(1);
        assertThat(queue.inFlightBytes()).isGreaterThan(STREAM_CAP);
    }

    @Test
    void shouldNotLetSmallOnesOvertakeALargeOneForEver() {
        queue.add(append(2, 1, 0, 9_000));
        int rounds = 0;
        for (boolean sent = false; !sent && rounds < 30; rounds++) {
            for (int p = 3; p < 23; p++) {
                queue.add(append(p, 1, rounds, 500));
            }
            List<ReplicaMessage.ToFollower> taken = takeAll();
            sent = taken.stream().anyMatch(message -> message.partition().equals(partition(2)));
            for (ReplicaMessage.ToFollower message : taken) {
                queue.answered(ack(message.partition().partition(), 1, Long.MAX_VALUE), true);
            }
        }
        // its deficit grows by a quantum each time round; then it waits for the stream, and the others for it
        assertThat(rounds).isLessThan(20);
    }

    @Test
    void shouldFreeWhatANackAnswersAndWhatANewSessionVoids() {
        queue.add(append(1, 1, 0, 900));
        queue.add(append(2, 1, 0, 900));
        queue.add(append(3, 1, 0, 900));
        takeAll();

        queue.answered(nack(1, 1, NackCode.GAP), true);
        queue.answered(state(2, 2), false); // on the other stream: session 1 is void wherever it was
        queue.answered(ack(3, 1, 1), false); // of another stream, says nothing of this one

        long one = queue.inFlightBytes();
        assertThat(one).isBetween(900L, 1_100L);
        queue.answered(ack(3, 1, 1), true);
        assertThat(queue.inFlightBytes()).isZero();
    }

    @Test
    void shouldDropWhatWaitsInAVoidSession() {
        for (int i = 0; i < 8; i++) {
            queue.add(append(1, 1, i, 900));
        }
        takeAll();
        queue.dropSessionsBelow(partition(1), 2);
        queue.add(open(1, 2));

        assertThat(queue.queuedMessages()).isEqualTo(1);
        assertThat(takeAll()).hasSize(1).first().isInstanceOf(ReplicaMessage.Open.class);
    }

    /** Every frame that can be had now; the chunks are given back, as a transport does. */
    private List<ReplicaMessage.ToFollower> takeAll() {
        List<ReplicaMessage.ToFollower> all = new ArrayList<>();
        for (List<ReplicaMessage.ToFollower> frame = queue.take(); !frame.isEmpty(); frame = queue.take()) {
            frame.forEach(LaneQueue::release);
            all.addAll(frame);
        }
        return all;
    }
}
