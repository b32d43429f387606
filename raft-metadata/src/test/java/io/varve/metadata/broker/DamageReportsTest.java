// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.DeleteTopics;
import io.varve.metadata.command.CommandBody.TopicToDelete;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.machine.World;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DamageReportsTest {

    private static final long MS = 1_000_000;
    private static final ReplicaId T0 = new ReplicaId(World.uuid("t"), 0);

    private final World world = new World().nodes(1, 2, 3);
    private final DamageReports reports = new DamageReports();

    private BrokerRef self() {
        return new BrokerRef(2, world.image().broker(2).orElseThrow().epoch());
    }

    @Test
    void shouldSayDamageUntilImageHasIt() {
        world.create("t", 1, 3, Map.of());
        assertThat(reports.report(self(), world.image(), 0)).isEmpty();
        reports.found(T0, "bad checksum at 7");
        assertThat(reports.report(new BrokerRef(2, 0), world.image(), 0)).isEmpty(); // not registered yet
        var said = reports.report(self(), world.image(), 0).orElseThrow();
        assertThat(said.broker()).isEqualTo(self());
        assertThat(said.replicas()).containsExactly(T0);
        assertThat(said.reason()).isEqualTo("bad checksum at 7");
        assertThat(reports.report(self(), world.image(), 999 * MS)).isEmpty();
        assertThat(reports.report(self(), world.image(), 1_000 * MS)).contains(said);
        world.apply(said);
        assertThat(reports.report(self(), world.image(), 5_000 * MS)).isEmpty();
    }

    @Test
    void shouldSayItAgainUnderNewRegistrationAndForgetWhatLeft() {
        world.create("t", 1, 3, Map.of());
        reports.found(T0, "bad");
        world.apply(reports.report(self(), world.image(), 0).orElseThrow());
        world.restart(2, true); // says nothing of it
        assertThat(reports.report(self(), world.image(), 5_000 * MS)).isPresent();
        world.apply(new DeleteTopics(List.of(new TopicToDelete(World.uuid("t"), "t"))));
        assertThat(reports.report(self(), world.image(), 9_000 * MS)).isEmpty();
    }
}
