// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import static io.varve.replication.link.LinkMessages.MILLI;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.replication.protocol.PeerReplies;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rules;
import io.varve.storage.Chunk;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Both ends over pipes that break, stall and deliver late. A failure prints its seed and step. */
class PeerLinkRandomTest {
    private static final int SEEDS = 100;
    private static final int STEPS = 1_500;
    private static final int PARTITIONS = 6;

    @Test
    void shouldKeepOrderLoseNothingOnALiveStreamStayInBoundsAndRecover() {
        long appended = 0;
        long downs = 0;
        long late = 0;
        long refused = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            World world = new World(seed);
            world.run();
            appended += world.followers.appended;
            downs += world.downs;
            late += world.late;
            assertThat(Chunk.openCount()).as("seed %d", seed).isZero();
            refused += world.leaders.busy;
        }
        assertThat(refused).as("BUSY answers").isPositive();
        assertThat(appended).isGreaterThan(SEEDS * 100L);
        assertThat(downs).isGreaterThan(SEEDS);
        assertThat(late).as("frames of streams that the link had left").isGreaterThan(SEEDS);
    }

    private static final class World implements PeerLinkPort, InboxPort {
        private final Random random;
        private final String where;
        private final LinkSettings settings;
        private final PeerLink link;
        private final PeerInbox inbox;
        private final FakeLeaders leaders;
        private final FakeFollowers followers;
        private final List<LossyPipe> pipes = new ArrayList<>();
        private final List<ReplicaMessage.ToLeader> answers = new ArrayList<>();
        private final int faultPercent;
        private long target = 100;
        private long applied = 5;
        private long now;
        private boolean healed;
        private int step;
        private long downs;
        private long late;
        private String lastWhy = "never";

        World(long seed) {
            random = new Random(seed);
            where = "seed " + seed;
            boolean tight = random.nextBoolean();
            settings = new LinkSettings(
                    LinkSettings.Times.DEFAULT.withJitterNanos(random.nextInt(20) * MILLI),
                    tight
                            ? new LinkSettings.Limits(1_500, 4_000, 1_000, 300, 3_000, 1_000, 5_000, 40)
                            : new LinkSettings.Limits(6_000, 20_000, 3_000, 800, 30_000, 9_000, 60_000, 4_000));
            faultPercent = random.nextInt(4);
            link = new PeerLink(LinkMessages.ONE, 2, settings, this, Rules.ALL);
            inbox = new PeerInbox(
                    LinkMessages.TWO, new InboxSettings(500 * MILLI, 3, 2_000 * MILLI, 16, 4, 4_000), this, Rules.ALL);
            leaders = new FakeLeaders(PARTITIONS + 1, where);
            followers = new FakeFollowers(PARTITIONS, where); // of the last one there is no replica
        }

        void run() {
            inbox.registered(target);
            link.registered(LinkMessages.ONE_EPOCH, now);
            link.targetChanged(OptionalLong.of(target), now);
            for (step = 0; step < STEPS; step++) {
                act();
                turn();
            }
            heal();
            link.stop("the end", now);
            inbox.stop("the end");
            pipes.forEach(LossyPipe::release);
            followers.stop();
        }

        private void act() {
            now += random.nextInt(10) == 0 ? random.nextInt(400) * MILLI : random.nextInt(3) * MILLI;
            int what = random.nextInt(100);
            int partition = random.nextInt(PARTITIONS + 1);
            if (what < 30) {
                for (int i = random.nextInt(6); i >= 0; i--) {
                    leaders.append(
                            partition, random.nextInt(8) == 0 ? random.nextInt(3_000) : random.nextInt(200), link, now);
                }
            } else if (what < 36 && (leaders.isIdle(partition) || random.nextInt(8) == 0)) {
                PeerStream kind = random.nextBoolean() ? PeerStream.DATA : PeerStream.CATCH_UP;
                leaders.open(partition, kind, applied + random.nextInt(2), target, link, now);
            } else if (what < 40) {
                leaders.commit(partition, link, now);
            } else if (what < 60) {
                followers.writeSome(random);
            } else if (what < 64) {
                inbox.metadataApplied(++applied, now);
            } else if (what < 72) {
                link.tick(now);
                inbox.tick(now);
            } else if (what < 72 + faultPercent && !pipes.isEmpty()) {
                fault();
            } else {
                for (int i = 0; i < 12; i++) {
                    carry();
                }
            }
        }

        private void fault() {
            LossyPipe pipe = pipes.get(random.nextInt(pipes.size()));
            int what = random.nextInt(20);
            if (what == 0) {
                target++;
                inbox.registered(target);
                link.targetChanged(OptionalLong.of(target), now);
            } else if (what < 6) {
                pipe.isHalfOpen = true;
            } else {
                breakUp(pipe);
            }
        }

        private void breakUp(LossyPipe pipe) {
            pipe.release();
            pipe.inboxLeft = true;
            inbox.closed(pipe.id);
            if (!pipe.linkLeft) {
                pipe.linkLeft = true;
                link.streamDown(pipe.kind, pipe.id, "broken", now);
            }
            pipes.remove(pipe);
        }

        private void turn() {
            for (ReplicaMessage.ToLeader answer : List.copyOf(answers)) {
                leaders.answered(answer, link, now);
            }
            answers.clear();
            inbox.endOfTurn(now);
            link.endOfTurn(now);
            LinkSettings.Limits limits = settings.limits();
            assertThat(link.queuedBytes()).as("%s step %d", where, step).isLessThanOrEqualTo(limits.queueMaxBytes());
            assertThat(link.queuedMessages())
                    .as("%s step %d", where, step)
                    .isLessThanOrEqualTo(limits.queueMaxMessages());
            assertThat(inbox.parkedCount()).isLessThanOrEqualTo(3);
        }

        /** Something happens on some pipe. */
        private void carry() {
            if (pipes.isEmpty()) {
                return;
            }
            LossyPipe pipe = pipes.get(random.nextInt(pipes.size()));
            if (pipe.connecting) {
                connected(pipe);
            } else if (pipe.isHalfOpen && !(healed && pipe.linkLeft)) {
                return;
            } else if (random.nextBoolean() && !pipe.toInbox.isEmpty()) {
                late += pipe.linkLeft ? 1 : 0;
                inbox.onFrame(pipe.id, pipe.toInbox.removeFirst(), now);
            } else if (!pipe.linkLeft && !pipe.toLink.isEmpty()) {
                link.onFrame(pipe.kind, pipe.id, pipe.toLink.removeFirst(), now);
            } else if (pipe.owesWritable) {
                pipe.owesWritable = false;
                pipe.aheadBytes = 0;
                link.writable(pipe.kind, pipe.id);
            } else if (pipe.linkLeft && pipe.toInbox.isEmpty() || pipe.inboxClosing && pipe.toLink.isEmpty()) {
                breakUp(pipe);
            }
        }

        private void connected(LossyPipe pipe) {
            pipe.connecting = false;
            if (pipe.linkLeft || !healed && random.nextInt(100) < faultPercent) {
                breakUp(pipe);
            } else {
                inbox.opened(pipe.id, now);
                link.streamUp(pipe.kind, pipe.id, now);
            }
        }

        private void heal() {
            healed = true;
            for (int i = 0; i < 20_000 && !isSettled(); i++, step++) {
                now += random.nextInt(2) * MILLI;
                carry();
                int partition = random.nextInt(PARTITIONS);
                followers.write(partition);
                if (leaders.isIdle(partition)) {
                    leaders.open(partition, PeerStream.DATA, applied, target, link, now);
                }
                if (i % 20 == 0) {
                    link.tick(now);
                    inbox.tick(now);
                }
                turn();
            }
            for (int partition = 0; partition < PARTITIONS; partition++) {
                assertThat(leaders.isSettled(partition))
                        .as("%s: %s; link %s, was down: %s", where, leaders.describe(partition), link.isUp(), lastWhy)
                        .isTrue();
            }
        }

        private boolean isSettled() {
            boolean settled = link.isUp();
            for (int partition = 0; partition < PARTITIONS; partition++) {
                settled &= leaders.isSettled(partition);
            }
            return settled;
        }

        @Override
        public void connect(PeerStream kind, long streamId) {
            pipes.add(new LossyPipe(kind, streamId));
        }

        @Override
        public void write(PeerStream kind, long streamId, PeerFrame frame) {
            LossyPipe pipe = pipe(streamId);
            if (frame instanceof PeerFrame.Messages messages) {
                long largest = 0;
                for (ReplicaMessage message : messages.messages()) {
                    leaders.written(message, settings.limits().partitionInFlightBytes());
                    pipe.aheadBytes += LaneQueue.costBytes(message);
                    largest = Math.max(largest, LaneQueue.costBytes(message));
                }
                assertThat(pipe.aheadBytes)
                        .as("%s step %d: ahead of the transport", where, step)
                        .isLessThanOrEqualTo(2L * settings.limits().frameBytes() + largest);
            }
            pipe.toInbox.addLast(frame);
            pipe.owesWritable = true;
        }

        private LossyPipe pipe(long id) {
            return pipes.stream()
                    .filter(pipe -> pipe.id == id)
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(where + " step " + step + ": no stream " + id));
        }

        @Override
        public void disconnect(PeerStream kind, long streamId) {
            pipes.stream().filter(pipe -> pipe.id == streamId).forEach(pipe -> pipe.linkLeft = true);
        }

        @Override
        public void deliver(ReplicaMessage.ToLeader message) {
            leaders.heard(message);
            answers.add(message);
        }

        @Override
        public void linkUp() {
            leaders.up();
        }

        @Override
        public void linkDown(String why) {
            downs++;
            lastWhy = why;
            leaders.down();
        }

        @Override
        public void linkHeard() {}

        @Override
        public void pressed(boolean pressed) {
            assertThat(leaders.isPressed).as("%s: pressed twice", where).isNotEqualTo(pressed);
            leaders.isPressed = pressed;
        }

        @Override
        public boolean deliver(int fromNode, ReplicaMessage.ToFollower message, PeerReplies replies, long nowNanos) {
            return followers.deliver(
                    message, replies, leaders.wasRefused(message.partition().partition(), message.session()));
        }

        @Override
        public long appliedMetadataIndex() {
            return applied;
        }

        @Override
        public void metadataWanted(long index) {
            assertThat(index).isGreaterThan(applied);
        }

        @Override
        public void write(long inboundId, PeerFrame frame) {
            LossyPipe pipe = pipe(inboundId);
            if (!pipe.linkLeft) {
                pipe.toLink.addLast(frame);
            }
        }

        @Override
        public void close(long inboundId, String why) {
            for (LossyPipe pipe : pipes) {
                if (pipe.id == inboundId) {
                    pipe.toInbox.forEach(PeerFrame::release);
                    pipe.toInbox.clear();
                    pipe.inboxClosing = true;
                }
            }
        }
    }
}
