// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.stream.StreamMessage.Subscribe;
import io.varve.metadata.stream.StreamMessage.ToFeed;
import io.varve.metadata.stream.StreamMessage.ToFollower;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;

/** Voters that lag and restart, followers, and streams that lose, repeat and disorder what they carry; from one seed. */
final class StreamWorld {

    static final long MS = 1_000_000;
    /** So small that histories end, images come in pieces, and pieces are lost. */
    private static final FeedSettings TINY = new FeedSettings(8, 40, 3, Duration.ofMillis(500));

    private static final int VOTERS = 3;
    private static final int FOLLOWERS = 3;

    private record Event(long atNanos, long order, Runnable what) {}

    private final long seed;
    final Random random;
    final IdealLog log = new IdealLog();
    final List<Voter> voters = new ArrayList<>();
    final List<Node> nodes = new ArrayList<>();
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::atNanos).thenComparingLong(Event::order));
    private long orders;
    long nowNanos;
    boolean faults = true;
    int resets;
    int deltas;
    int lost;
    int restarts;
    private long streams;

    StreamWorld(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
        for (int id = 1; id <= VOTERS; id++) {
            voters.add(new Voter(id));
        }
        for (int id = 11; id < 11 + FOLLOWERS; id++) {
            nodes.add(new Node(id));
        }
    }

    void later(long delayNanos, Runnable what) {
        events.add(new Event(nowNanos + delayNanos, orders++, what));
    }

    void runUntil(long untilNanos) {
        while (!events.isEmpty() && events.peek().atNanos() <= untilNanos) {
            var event = events.poll();
            nowNanos = event.atNanos();
            event.what().run();
        }
        nowNanos = untilNanos;
    }

    private boolean fault(int percent) {
        return faults && random.nextInt(100) < percent;
    }

    /** One voter: its position in the log, and its feed. */
    final class Voter implements FeedPort {
        final int id;
        private int applied;
        private boolean frozen;
        private boolean starting;
        private MetadataFeed feed = new MetadataFeed(TINY, this);
        final TreeMap<Long, Node> streamsOpen = new TreeMap<>();

        Voter(int id) {
            this.id = id;
            feed.onImage(MetadataImage.EMPTY, 0);
            step();
        }

        private void step() {
            frozen = fault(1) || (faults && frozen && random.nextInt(60) > 0);
            feed.onTouch(!frozen || random.nextInt(10) > 0, nowNanos);
            while (!frozen && !starting && applied < log.size() && random.nextInt(4) > 0) {
                var delta = log.delta(applied++);
                feed.onApplied(delta, log.image(delta.index()), nowNanos);
            }
            feed.tick(nowNanos);
            if (fault(20) && random.nextInt(50) == 0) {
                restart();
            }
            later(10 * MS, this::step);
        }

        /** Comes back from a snapshot: earlier than it was, and without a history. */
        private void restart() {
            restarts++;
            streamsOpen.forEach((stream, node) -> {
                if (random.nextBoolean()) { // else the node does not notice
                    later(MS, () -> node.follower.onClosed(node.local(stream), nowNanos));
                }
            });
            streamsOpen.clear();
            applied = Math.max(0, applied - random.nextInt(12));
            feed = new MetadataFeed(TINY, this);
            starting = false;
            if (random.nextBoolean()) {
                feed.onImage(log.imageAfter(applied), nowNanos);
            } else {
                starting = true;
                later(50 * MS, () -> {
                    starting = false;
                    feed.onImage(log.imageAfter(applied), nowNanos);
                });
            }
        }

        /** It was so far behind that the leader sent it a snapshot. */
        void install() {
            starting = false;
            applied = log.size();
            feed.onImage(log.newest(), nowNanos);
        }

        @Override
        public boolean send(long stream, ToFollower message) {
            var node = streamsOpen.get(stream);
            if (node != null) {
                carry(() -> node.follower.onMessage(message, nowNanos));
            }
            if (!fault(10)) {
                return true;
            }
            later(random.nextInt(400) * MS, () -> feed.onReady(stream, nowNanos));
            return false;
        }

        @Override
        public void close(long stream) {
            var node = streamsOpen.remove(stream);
            if (node != null) {
                later(MS, () -> node.follower.onClosed(node.local(stream), nowNanos));
            }
        }
    }

    private void carry(Runnable delivery) {
        if (fault(3)) {
            lost++;
            return;
        }
        long delay = fault(5) ? random.nextInt(900) * MS : faults ? (1 + random.nextInt(3)) * MS : MS;
        later(delay, delivery);
        if (fault(3)) {
            later(delay + random.nextInt(2_000) * MS, delivery);
        }
    }

    /** A node that is no voter. */
    final class Node implements FollowerPort {
        final int id;
        final MetadataFollower follower;
        private MetadataImage published = MetadataImage.EMPTY;
        private final TreeMap<Long, Long> wire = new TreeMap<>(); // its number of a stream to the voter's
        private final TreeMap<Long, Voter> peers = new TreeMap<>();

        Node(int id) {
            this.id = id;
            this.follower =
                    new MetadataFollower(id, List.of(1, 2, 3), MetadataImage.EMPTY, FollowerSettings.DEFAULT, this);
            step();
        }

        private void step() {
            follower.tick(nowNanos);
            if (fault(1)) {
                var order = new ArrayList<>(List.of(1, 2, 3));
                java.util.Collections.shuffle(order, random);
                follower.voters(order.subList(0, 1 + random.nextInt(3)), nowNanos);
            }
            if (random.nextInt(50) == 0) {
                follower.wanted(log.newest().index() + (fault(20) ? 5 : 0), nowNanos);
            }
            later(50 * MS, this::step);
        }

        long local(long stream) {
            return wire.entrySet().stream()
                    .filter(e -> e.getValue() == stream)
                    .findFirst()
                    .orElseThrow()
                    .getKey();
        }

        @Override
        public void connect(int to, long stream) {
            if (fault(10)) {
                later(random.nextInt(3_000) * MS, () -> follower.onClosed(stream, nowNanos));
                return;
            }
            var voter = voters.get(to - 1);
            long number = ++streams;
            wire.put(stream, number);
            later(2 * MS, () -> {
                peers.put(stream, voter);
                voter.streamsOpen.put(number, this);
                follower.onConnected(stream, nowNanos);
            });
            if (fault(10)) {
                later(random.nextInt(3_000) * MS, () -> {
                    voter.streamsOpen.remove(number);
                    voter.feed.onClosed(number);
                    follower.onClosed(stream, nowNanos);
                });
            }
        }

        @Override
        public void send(long stream, ToFeed message) {
            var voter = peers.get(stream);
            if (voter != null) {
                long number = wire.getOrDefault(stream, 0L);
                carry(() -> {
                    if (voter.streamsOpen.containsKey(number)) {
                        voter.feed.onSubscribe(number, (Subscribe) message, nowNanos);
                    }
                });
            }
        }

        @Override
        public void close(long stream) {
            var voter = peers.remove(stream);
            if (voter != null && !fault(30)) { // else half open
                long number = wire.getOrDefault(stream, 0L);
                later(MS, () -> {
                    voter.streamsOpen.remove(number);
                    voter.feed.onClosed(number);
                });
            }
        }

        @Override
        public void publish(MetadataUpdate update) {
            var image = update.image();
            assertThat(image.index())
                    .as("seed %d: node %d never goes back", seed, id)
                    .isGreaterThan(published.index());
            assertThat(image).as("seed %d: I23 at %d", seed, image.index()).isEqualTo(log.image(image.index()));
            if (update.reset()) {
                resets++;
                assertThat(update.deltas()).isEmpty();
            } else {
                for (var delta : update.deltas()) {
                    published = published.plus(delta);
                    deltas++;
                }
                assertThat(published).as("seed %d: deltas lead there", seed).isEqualTo(image);
            }
            published = image;
        }

        @Override
        public void diverged(String detail) {
            throw new AssertionError("seed " + seed + ": node " + id + " diverged: " + detail);
        }

        MetadataImage published() {
            return published;
        }
    }
}
