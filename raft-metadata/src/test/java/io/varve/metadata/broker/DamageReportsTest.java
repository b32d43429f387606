// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.DeleteTopics;
import io.varve.metadata.command.CommandBody.ReportDamage;
import io.varve.metadata.command.CommandBody.ReportFreshStart;
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
        assertThat(said).isEqualTo(new ReportDamage(self(), List.of(T0), "bad checksum at 7"));
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

    @Test
    void shouldStartAfreshOnlyWhenOutAndAnotherLeads() {
        world.create("t", List.of(1, 2, 3), Map.of("min.insync.replicas", "1"));
        reports.found(T0, "bad");
        assertThat(reports.startAfresh(self(), world.image())).isEmpty(); // the controller counts on it
        world.apply(reports.report(self(), world.image(), 0).orElseThrow());
        world.fence(3);
        world.fence(1);
        assertThat(world.image().topics().find(T0).orElseThrow().hasLeader()).isFalse();
        assertThat(reports.startAfresh(self(), world.image())).isEmpty(); // perhaps the only copy that is left
        world.unfence(1);
        assertThat(reports.startAfresh(self(), world.image())).containsExactly(T0);
        assertThat(reports.startAfresh(self(), world.image())).isEmpty(); // once
        reports.notStarted(T0);
        assertThat(reports.startAfresh(self(), world.image())).containsExactly(T0);
        reports.started(T0);
        var said = reports.report(self(), world.image(), 1).orElseThrow();
        assertThat(said).isEqualTo(new ReportFreshStart(self(), List.of(T0)));
        world.apply(said);
        assertThat(reports.report(self(), world.image(), 5_000 * MS)).isEmpty();
        assertThat(reports.isEmpty()).isTrue();
        reports.found(T0, "bad again");
        assertThat(reports.report(self(), world.image(), 6_000 * MS)).isPresent();
    }
}
