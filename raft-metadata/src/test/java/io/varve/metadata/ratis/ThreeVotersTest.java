// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.varve.metadata.command.CommandBody.NoOp;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.SnapshotCodec;
import io.varve.metadata.machine.World;
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
            settings.add(new RaftSettings(identity, root, v.host(), v.port(), list, RaftSettings.Tuning.DEFAULT));
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
}
