// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.NoOp;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.SnapshotCodec;
import io.varve.metadata.machine.World;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three voters in one process: nothing here knows how many there are. */
@Timeout(60)
class ThreeVotersTest {

    @TempDir
    Path directory;

    private final List<RaftSettings> settings = new ArrayList<>();
    private final List<Voter> voters = new ArrayList<>();

    private static final RaftSettings.Tuning SNAPSHOT_OFTEN =
            new RaftSettings.Tuning(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofMinutes(10), 10, 1 << 20);

    @BeforeEach
    void start() throws Exception {
        var list = new ArrayList<RaftSettings.Voter>();
        for (int id = 1; id <= 3; id++) {
            list.add(new RaftSettings.Voter(id, World.uuid("dir" + id), "127.0.0.1", Voter.freePort()));
        }
        for (var v : list) {
            var identity = new RaftIdentity(World.uuid("cluster"), v.nodeId(), v.directoryId());
            var root = directory.resolve("node" + v.nodeId());
            RaftDirectory.format(root, identity);
            settings.add(new RaftSettings(identity, root, v.host(), v.port(), list, SNAPSHOT_OFTEN));
        }
        for (var s : settings) {
            voters.add(Voter.start(s));
        }
    }

    @AfterEach
    void stop() {
        voters.parallelStream().forEach(Voter::close);
    }

    private Voter leader() {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(10))
                .until(() ->
                        voters.stream().filter(v -> v.quorum.leader().self()).count() == 1);
        return voters.stream().filter(v -> v.quorum.leader().self()).findFirst().orElseThrow();
    }

    @Test
    void shouldReplicateHandOverAndCatchUpAfterRestart() throws Exception {
        // given
        var first = leader();
        first.populate("orders");
        // when the leader goes
        int at = voters.indexOf(first);
        long before = first.quorum.leader().term();
        first.close();
        voters.remove(first);
        var second = leader();
        // then another one leads in a later term, with everything
        assertThat(second.quorum.leader().term()).isGreaterThan(before);
        assertThat(second.quorum.image().topic("orders")).isPresent();
        second.create("more");
        // and the old one comes back as a follower that catches up
        voters.add(Voter.start(settings.get(at)));
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(voters)
                        .allSatisfy(
                                v -> assertThat(v.quorum.image().topic("more")).isPresent()));
        // and every voter finds the leader's image in itself
        var image = second.quorum.image();
        var compare = MetadataCommand.decidedBy(
                second.quorum.leader().term(), new NoOp(SnapshotCodec.crc(image), image.index()));
        long index = second.quorum.submit(compare).get(10, TimeUnit.SECONDS).index();
        await().until(() -> voters.stream().allMatch(v -> v.quorum.image().index() >= index && !v.fatal.isDone()));
    }

    @Test
    void shouldReplaceEverythingWhenSnapshotIsInstalled() throws Exception {
        // given a follower that is away
        var leader = leader();
        leader.populate("orders");
        var follower = voters.stream().filter(v -> v != leader).findFirst().orElseThrow();
        await().until(() -> follower.quorum.image().topic("orders").isPresent());
        int at = voters.indexOf(follower);
        var leaderSettings = settings.get(voters.indexOf(leader));
        follower.close();
        voters.remove(follower);
        // when the log grows over several segments, and what snapshots contain is cut off
        var nothing = new ArrayList<CommandBody.TopicToDelete>();
        for (int i = 0; i < 30_000; i++) {
            nothing.add(new CommandBody.TopicToDelete(World.uuid("t" + i), ""));
        }
        for (int i = 0; i < 30; i++) {
            leader.apply(new CommandBody.DeleteTopics(nothing));
        }
        leader.create("more");
        await().atMost(Duration.ofSeconds(20)).until(() -> !hasFirstEntry(leaderSettings));
        // then it is sent the whole image
        var back = Voter.start(settings.get(at));
        voters.add(back);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> back.quorum.image().topic("more").isPresent());
        assertThat(back.resets.get()).isGreaterThan(1);
        leader.create("most");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> back.quorum.image().topic("most").isPresent());
        assertThat(SnapshotCodec.encode(back.quorum.image())).isEqualTo(SnapshotCodec.encode(leader.quorum.image()));
    }

    private static boolean hasFirstEntry(RaftSettings s) throws Exception {
        var current = s.directory().resolve(s.identity().clusterId().toString()).resolve("current");
        try (var files = Files.list(current)) {
            return files.anyMatch(f -> f.getFileName().toString().matches("log_(inprogress_0|0-.*)"));
        }
    }
}
