// SPDX-License-Identifier: Apache-2.0
package io.varve.node.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.node.config.HostPort;
import io.varve.node.config.QuorumConfig;
import io.varve.node.config.VoterAddress;
import io.varve.node.http.NodeHealth;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LeaderWatchTest {

    private final AtomicInteger leader = new AtomicInteger();
    private final AtomicLong nowNanos = new AtomicLong();
    private final NodeHealth health = new NodeHealth();
    private final QuorumConfig quorum =
            new QuorumConfig(List.of(new VoterAddress(1, new HostPort("h", 7173), new HostPort("h", 7172))));
    private final LeaderWatch watch = new LeaderWatch(leader::get, quorum, health, "quorum", nowNanos::get);

    private void look(int secondsLater) {
        nowNanos.addAndGet(TimeUnit.SECONDS.toNanos(secondsLater));
        watch.run();
    }

    @Test
    void shouldWarnOfAQuorumWithoutLeaderThatLastsLongerThanAnElection() {
        look(2);
        assertThat(health.warnings()).isEmpty();

        look(1);
        assertThat(health.warnings()).singleElement().satisfies(w -> {
            assertThat(w.reason()).isEqualTo("QUORUM_UNAVAILABLE");
            assertThat(w.message()).contains("no leader for 3 s").contains("1@h:7173:7172");
        });
        assertThat(health.isReady()).isTrue();
    }

    @Test
    void shouldBeSilentAgainOnceThereIsALeader() {
        look(5);
        leader.set(2);
        look(1);
        assertThat(health.warnings()).isEmpty();

        leader.set(0);
        look(2);
        assertThat(health.warnings()).isEmpty();
    }
}
