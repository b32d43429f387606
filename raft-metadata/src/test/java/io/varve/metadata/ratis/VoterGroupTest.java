// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.varve.metadata.QuorumListener;
import io.varve.metadata.command.CommandBody.NoOp;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.SnapshotCodec;
import io.varve.proto.metadata.v1.Command;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What several voters promise together, with the settings of a node. */
@Timeout(120)
class VoterGroupTest {

    private static final Logger LOG = LoggerFactory.getLogger(VoterGroupTest.class);
    private static final Duration LIMIT = VoterGroup.LIMIT;

    @TempDir
    Path directory;

    /** With a registered node, which topics need. */
    private VoterGroup group(int count) throws Exception {
        var group = new VoterGroup(directory, count, RaftSettings.Tuning.DEFAULT).startAll();
        group.voter(group.leader()).populate("first");
        return group;
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5})
    void shouldElectOneLeaderAndLoseNothingWhenAMinorityIsKilled(int count) throws Exception {
        long begin = System.nanoTime();
        try (var group = group(count)) {
            LOG.info("{} voters: first commands answered after {} ms", count, millisSince(begin));
            for (int killed = 0; killed < count / 2; killed++) {
                int victim = group.leader();
                group.voter(victim).create("before" + killed);
                long term = group.voter(victim).quorum.leader().term();

                long kill = System.nanoTime();
                group.kill(victim);
                int next = group.leader();
                LOG.info("{} voters: another leads {} ms after the kill", count, millisSince(kill));

                assertThat(group.voter(next).quorum.leader().term()).isGreaterThan(term);
                assertThat(group.voter(next).quorum.image().topic("before" + killed))
                        .isPresent();
            }
            group.voter(group.leader()).create("after");
            group.awaitTopicEverywhere("after");
            assertThat(images(group)).containsOnly(image(group.voter(group.leader())));
        }
    }

    private static List<String> images(VoterGroup group) {
        return group.running.values().stream().map(VoterGroupTest::image).toList();
    }

    private static String image(Voter voter) {
        return java.util.HexFormat.of().formatHex(SnapshotCodec.encode(voter.quorum.image()));
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    @Test
    void shouldHandOverWhenTheLeaderIsClosed() throws Exception {
        try (var group = group(3)) {
            for (int round = 0; round < 3; round++) {
                int leader = group.leader();
                group.voter(leader).create("t" + round);
                long term = group.voter(leader).quorum.leader().term();
                long begin = System.nanoTime();
                group.stop(leader);
                long closed = millisSince(begin);
                int next = group.leader();
                LOG.info("closing took {} ms, another leads after {} ms", closed, millisSince(begin));
                assertThat(group.voter(next).quorum.leader().term()).isGreaterThan(term);
                group.start(leader);
                group.awaitTopicEverywhere("t" + round);
            }
        }
    }

    @Test
    void shouldNotWaitForVotersThatAreGoneWhenItCloses() throws Exception {
        try (var group = group(3)) {
            int leader = group.leader();
            group.followers().forEach(group::kill);
            long begin = System.nanoTime();
            group.stop(leader);
            assertThat(millisSince(begin)).isLessThan(10_000);
        }
    }

    @Test
    void shouldKeepEverythingWhenAllAreKilledAndComeBackInAnyOrder() throws Exception {
        try (var group = group(3)) {
            group.voter(group.leader()).create("orders");
            for (int round = 0; round < 2; round++) {
                group.voter(group.leader()).create("t" + round);
                List.of(1, 2, 3).forEach(group::kill);
                for (int id : round == 0 ? List.of(3, 1, 2) : List.of(2, 3, 1)) {
                    group.start(id);
                }
                group.leader();
                group.awaitTopicEverywhere("t" + round);
            }
            group.awaitTopicEverywhere("orders");
        }
    }

    /** Leads, and says so only with everything of earlier terms applied; one voter for each term. */
    @Test
    void shouldBeReadyOnlyWithAllOfEarlierTermsAndOncePerTerm() throws Exception {
        try (var group = group(3)) {
            var readyBy = new ConcurrentSkipListMap<Long, Integer>();
            var wrong = new CopyOnWriteArrayList<String>();
            group.running.forEach((id, voter) -> voter.quorum.addListener(new Watch(id, voter, readyBy, wrong)));
            for (int round = 0; round < 3; round++) {
                int leader = group.leader();
                group.voter(leader).create("t" + round);
                group.kill(leader);
                int next = group.leader();
                long index = group.voter(next).quorum.image().index();
                assertThat(group.voter(next).quorum.image().topic("t" + round)).isPresent();
                await().atMost(LIMIT).until(() -> readyBy.lastEntry().getValue() == next);
                assertThat(index).isPositive();
                var back = group.start(leader);
                back.quorum.addListener(new Watch(leader, back, readyBy, wrong));
                group.awaitTopicEverywhere("t" + round);
            }
            assertThat(wrong).isEmpty();
        }
    }

    private record Watch(int id, Voter voter, ConcurrentSkipListMap<Long, Integer> readyBy, List<String> wrong)
            implements QuorumListener {

        @Override
        public void onLeaderReady(long term) {
            Integer other = readyBy.put(term, id);
            if (other != null && other != id) {
                wrong.add("term %d is led by %d and %d".formatted(term, other, id));
            }
            if (voter.quorum.image().term() > term) {
                wrong.add("ready for term %d with an image of %d"
                        .formatted(term, voter.quorum.image().term()));
            }
        }

        @Override
        public void onApplied(long index, long term, MetadataDelta delta, MetadataImage image) {
            if (image.index() != index) {
                wrong.add("entry %d came with the image of %d".formatted(index, image.index()));
            }
        }
    }

    @Test
    void shouldNameTheLeaderToWhoeverAsksAFollower() throws Exception {
        try (var group = group(3)) {
            int leader = group.leader();
            for (int id : group.followers()) {
                var follower = group.voter(id);
                await().atMost(LIMIT).until(() -> follower.quorum.leader().nodeId() == leader);
                assertThat(follower.quorum.leader().self()).isFalse();
                assertThatThrownBy(() -> follower.create("t")).satisfies(t -> {
                    var rejection = Voter.rejection(t);
                    assertThat(rejection.reason()).isEqualTo(ErrorReason.ERROR_REASON_NOT_CONTROLLER);
                    assertThat(rejection.outcome()).isEqualTo(Outcome.OUTCOME_NOT_APPLIED);
                    assertThat(rejection.error().message()).contains("node " + leader + " does");
                });
            }
        }
    }

    @Test
    void shouldKnowNoLeaderWithoutAMajorityAndRecover() throws Exception {
        try (var group = group(3)) {
            int leader = group.leader();
            group.voter(leader).create("orders");
            var followers = group.followers();
            followers.forEach(group::kill);

            await().atMost(LIMIT)
                    .until(() -> group.voter(leader).quorum.leader().nodeId() == 0);
            assertThatThrownBy(() -> group.voter(leader).create("lonely"));
            assertThat(group.voter(leader).fatal).isNotDone();

            group.start(followers.get(0));
            group.voter(group.leader()).create("together");
            group.awaitTopicEverywhere("together");
        }
    }

    @Test
    void shouldSurvivePoisonOnEveryVoter() throws Exception {
        var poison = Command.newBuilder()
                .setFormat(1)
                .setTypeValue(5)
                .setVersion(1)
                .setPayload(com.google.protobuf.ByteString.copyFromUtf8("poison"))
                .build()
                .toByteArray();
        try (var group = group(3)) {
            var leader = group.voter(group.leader());
            for (var bytes : new byte[][] {poison, {}, {1, 2, 3}}) {
                assertThat(leader.quorum
                                .submit(bytes)
                                .get(20, TimeUnit.SECONDS)
                                .result()
                                .rejection())
                        .isPresent();
            }
            leader.create("orders");
            group.awaitTopicEverywhere("orders");
            assertThat(group.running.values()).noneMatch(v -> v.fatal.isDone());
        }
    }

    @Test
    void shouldCatchUpAfterItsLogWasTorn() throws Exception {
        try (var group = group(3)) {
            group.voter(group.leader()).create("orders");
            group.awaitTopicEverywhere("orders");
            int victim = group.followers().get(0);
            group.kill(victim);
            tearLastEntry(group.settings(victim));
            group.voter(group.leader()).create("meanwhile");

            group.start(victim);

            group.awaitTopicEverywhere("meanwhile");
            var leader = group.voter(group.leader());
            var image = leader.quorum.image();
            var compare = MetadataCommand.unfenced(new NoOp(SnapshotCodec.crc(image), image.index()));
            long index = leader.quorum.submit(compare).get(20, TimeUnit.SECONDS).index();
            await().atMost(LIMIT)
                    .until(() -> group.running.values().stream()
                            .allMatch(v -> v.quorum.image().index() >= index && !v.fatal.isDone()));
        }
    }

    /** A byte of the entry behind the last command: only says how far the log was committed. */
    private static void tearLastEntry(RaftSettings settings) throws IOException {
        for (var file : files(settings, "current", "log_inprogress_\\d+")) {
            byte[] log = Files.readAllBytes(file);
            int end = log.length;
            while (log[end - 1] == 0) {
                end--;
            }
            log[end - 1] = 0;
            Files.write(file, log);
        }
    }

    private static List<Path> files(RaftSettings settings, String part, String name) throws IOException {
        var current = settings.directory()
                .resolve(settings.identity().clusterId().toString())
                .resolve(part);
        try (var files = Files.list(current)) {
            return files.filter(f -> f.getFileName().toString().matches(name)).toList();
        }
    }

    @Test
    void shouldKeepFewSnapshotsAndAShortLogOnAQuietCluster() throws Exception {
        var tuning = new RaftSettings.Tuning(
                Duration.ofMillis(300), Duration.ofMillis(600), Duration.ofSeconds(1), 20_000, 1 << 20);
        try (var group = new VoterGroup(directory, 3, tuning).startAll()) {
            group.voter(group.leader()).populate("first");
            var seen = new ArrayList<String>();
            // A command now and then, far from any number of entries that would be worth a snapshot.
            for (int i = 0; i < 4; i++) {
                group.voter(group.leader()).create("t" + i);
                String before = newest(group);
                await().atMost(LIMIT)
                        .until(() ->
                                !newest(group).equals(before) && !newest(group).isEmpty());
                seen.add(newest(group));
            }
            assertThat(seen).doesNotHaveDuplicates().hasSize(4);
            for (int id = 1; id <= 3; id++) {
                int voter = id;
                await().atMost(LIMIT)
                        .until(() -> files(group.settings(voter), "sm", "snapshot\\.\\d+_\\d+")
                                        .size()
                                <= 2);
                assertThat(files(group.settings(id), "current", "log_.*")).hasSizeLessThanOrEqualTo(2);
            }
        }
    }

    private static String newest(VoterGroup group) throws IOException {
        return files(group.settings(1), "sm", "snapshot\\.\\d+_\\d+").stream()
                .map(file -> file.getFileName().toString())
                .max(Comparator.comparingLong(name -> Long.parseLong(name.substring(name.indexOf('_') + 1))))
                .orElse("");
    }
}
