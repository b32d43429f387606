// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.replication.Acks;
import io.varve.replication.Append;
import io.varve.replication.AppendResult;
import io.varve.replication.RejectReason;
import io.varve.replication.ReplicaSettings;
import io.varve.replication.TestBatches;
import io.varve.storage.Chunk;
import io.varve.storage.Durability;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Random events against a naive account of what must hold. A failure prints its seed and step. */
class LeaderReplicaRandomTest {
    private static final int SEEDS = 150;
    private static final int STEPS = 300;
    private static final List<Acks> ACKS = List.of(Acks.NONE, Acks.LEADER, Acks.ALL);

    @Test
    void shouldNeitherLoseNorDoubleNorAcknowledgeTooEarlyWhateverHappens() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            new World(seed).run();
            assertThat(Chunk.openCount()).as("seed %d", seed).isZero();
        }
    }

    private static final class World extends SoleOutput {
        private record Sent(long producerId, short epoch, int sequence, int records, Acks acks) {}

        private final long seed;
        private final Random random;
        private final Durability durability;
        private final FakeLog log = new FakeLog();
        private final LeaderReplica leader;
        private final Map<Long, Integer> nextSequence = new HashMap<>();
        private final List<Sent> sent = new ArrayList<>();
        private int unanswered;
        private int step;
        private int leaderEpoch;
        private long highWatermark;
        private long now;
        private boolean resigned;

        World(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            this.durability = random.nextInt(4) == 0 ? Durability.WRITTEN : Durability.FLUSHED;
            ReplicaSettings settings = new ReplicaSettings(
                    1, durability, random.nextBoolean(), 1 << 20, ReplicaSettings.DEFAULT_STAGED_BYTES_MAX);
            this.leader = SoleLead.of(settings, 0, log, this);
        }

        void run() {
            lead();
            for (step = 0; step < STEPS; step++) {
                act();
                check();
            }
            leader.stop(RejectReason.NETWORK_EXCEPTION, "the end");
            assertThat(unanswered).as(where("every append has one answer")).isZero();
        }

        private void act() {
            now += random.nextInt(10);
            int what = random.nextInt(100);
            if (resigned) {
                log.reopen();
                lead();
            } else if (what < 45) {
                sendNew();
            } else if (what < 60 && !sent.isEmpty()) {
                send(sent.get(Math.max(0, sent.size() - 1 - random.nextInt(8))));
            } else if (what < 65) {
                send(new Sent(random.nextInt(3), (short) 0, random.nextInt(20), 1 + random.nextInt(3), Acks.ALL));
            } else if (what < 90) {
                progress();
            } else if (what < 94) {
                leader.tick(now);
                leader.endOfTurn(now);
            } else if (what < 96) {
                fail();
            } else if (what < 98) {
                lead();
            }
        }

        private void sendNew() {
            int records = 1 + random.nextInt(3);
            if (random.nextInt(3) == 0) {
                send(new Sent(-1, (short) -1, -1, records, ACKS.get(random.nextInt(3))));
                return;
            }
            long producer = random.nextInt(3);
            send(new Sent(producer, (short) 0, nextSequence.getOrDefault(producer, 0), records, Acks.ALL));
        }

        private void send(Sent request) {
            Chunk chunk = request.producerId() < 0
                    ? TestBatches.of(request.records())
                    : TestBatches.idempotent(
                            request.producerId(), request.epoch(), request.sequence(), request.records());
            int before = log.batches.size();
            unanswered++;
            boolean[] answered = {false};
            long deadline = now + random.nextInt(200) - 2;
            leader.append(
                    new Append(chunk, request.acks(), Append.ANY_EPOCH, deadline, result -> {
                        assertThat(answered[0]).as(where("answered twice")).isFalse();
                        answered[0] = true;
                        unanswered--;
                        judge(request, result, log.batches.size() - before);
                    }),
                    now,
                    now);
            if (log.batches.size() > before) {
                sent.add(request);
                if (request.producerId() >= 0) {
                    nextSequence.put(request.producerId(), request.sequence() + request.records());
                }
            }
        }

        private void judge(Sent request, AppendResult result, int appendedSince) {
            if (result instanceof AppendResult.Rejected) {
                assertThat(appendedSince).as(where("rejected but appended")).isZero();
            } else if (result instanceof AppendResult.Appended appended) {
                FakeLog.Batch batch = log.batches.stream()
                        .filter(b -> b.baseOffset() == appended.baseOffset())
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(
                                where("acknowledged but not there").get()));
                assertThat(batch.producerId()).as(where("wrong batch")).isEqualTo(request.producerId());
                assertThat(batch.sequence()).as(where("wrong batch")).isEqualTo(request.sequence());
                assertThat(batch.endOffset() - batch.baseOffset())
                        .as(where("wrong batch"))
                        .isEqualTo(request.records());
                assertThat(batch.endOffset())
                        .as(where("acknowledged too early"))
                        .isLessThanOrEqualTo(safeEndOffset(request.acks()));
            }
        }

        private long safeEndOffset(Acks acks) {
            return acks == Acks.NONE || durability == Durability.WRITTEN ? log.writtenEndOffset : log.flushedEndOffset;
        }

        private void progress() {
            List<Long> ends = log.batches.stream()
                    .map(FakeLog.Batch::endOffset)
                    .filter(end -> end >= log.writtenEndOffset)
                    .toList();
            if (ends.isEmpty()) {
                return;
            }
            log.writtenEndOffset = ends.get(random.nextInt(ends.size()));
            if (random.nextBoolean()) {
                log.flushedEndOffset = log.writtenEndOffset;
            }
            leader.logProgressed(log.writtenEndOffset, log.flushedEndOffset);
        }

        private void fail() {
            log.failKeeping(log.writtenEndOffset);
            if (random.nextBoolean()) {
                sendNew(); // before the notice arrives
            }
            leader.logFailed(
                    RejectReason.KAFKA_STORAGE_ERROR, "write failed", log.writtenEndOffset, log.flushedEndOffset);
            assertThat(resigned).as(where("resigns")).isTrue();
        }

        private void lead() {
            leaderEpoch++;
            resigned = false;
            leader.lead(SoleLead.state(leaderEpoch, leaderEpoch, List.of(1), 1), SoleLead.NOBODY, log.replay(), 0);
            nextSequence.clear();
            for (FakeLog.Batch batch : log.batches) { // what a producer finds out by retrying
                nextSequence.put(batch.producerId(), batch.sequence() + (int) (batch.endOffset() - batch.baseOffset()));
            }
        }

        private void check() {
            assertThat(leader.highWatermark()).as(where("high watermark fell")).isGreaterThanOrEqualTo(highWatermark);
            highWatermark = leader.highWatermark();
            assertThat(highWatermark)
                    .as(where("high watermark is ahead"))
                    .isLessThanOrEqualTo(
                            durability == Durability.FLUSHED ? log.flushedEndOffset : log.writtenEndOffset);
            Set<Long> places = new HashSet<>();
            for (FakeLog.Batch batch : log.batches) {
                if (batch.producerId() >= 0) {
                    assertThat(places.add(batch.producerId() << 32 | batch.sequence()))
                            .as(where("appended twice"))
                            .isTrue();
                }
            }
            if (!resigned) {
                assertThat(leader.producers().sameAs(log.replay()))
                        .as(where("I18"))
                        .isTrue();
            }
        }

        /** Lazy: building the text would take longer than the events. */
        private Supplier<String> where(String what) {
            int at = step;
            return () -> "seed " + seed + " step " + at + ": " + what;
        }

        @Override
        public void highWatermarkMoved(long moved) {}

        @Override
        public void resigned(int epoch, RejectReason reason, String detail) {
            resigned = true;
        }
    }
}
