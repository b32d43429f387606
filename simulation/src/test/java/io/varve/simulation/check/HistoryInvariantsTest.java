// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import static io.varve.simulation.check.FakeCluster.LOG;
import static io.varve.simulation.check.FakeCluster.RECORDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.record.BatchHeader;
import io.varve.replication.Acks;
import io.varve.replication.leader.ProducerStates;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What clients may see: each invariant fires on a history made for it, and is quiet on a good one. */
class HistoryInvariantsTest {
    private final FakeCluster cluster = FakeCluster.healthy();

    @Test
    void shouldSeeAnAcknowledgementOfWhatIsNotCommitted() {
        Sending first = sending(0, 0, 0);
        long id = cluster.send(first);
        cluster.append(1, 1, id);
        cluster.checker.acked(LOG, id, first, 0);
        assertThat(cluster.fired()).containsExactly("I1");
    }

    @Test
    void shouldBeQuietWhenWhatIsCommittedIsAcknowledged() {
        Sending first = sending(0, 0, 0);
        commit(cluster.send(first));
        cluster.checker.acked(LOG, cluster.send(first), first, 0);
        assertThat(cluster.fired()).isEmpty();
        assertThat(cluster.checker.acknowledgedBatches()).isEqualTo(1);
        cluster.highWatermark(2, 2);
        cluster.highWatermark(3, 2);
        assertThat(cluster.checker.unhealed()).isEmpty();
    }

    @Test
    void shouldSeeReadersGivenWhatIsNotCommitted() {
        long id = cluster.commit(1, 1);
        cluster.checker.read(5, LOG, List.of(new BatchSeen(0, 2, 1, id)));
        assertThat(cluster.fired()).isEmpty();
        long next = cluster.appendEverywhere(1);
        cluster.checker.read(5, LOG, List.of(new BatchSeen(2, 4, 1, next)));
        cluster.checker.read(5, LOG, List.of(new BatchSeen(0, 2, 1, next)));
        assertThat(cluster.fired()).containsExactly("I11", "I11");
    }

    @Test
    void shouldSeeTheLatestOffsetFall() {
        cluster.checker.latestServed(1, LOG, 1, 10);
        cluster.checker.latestServed(2, LOG, 3, 10);
        cluster.checker.latestServed(1, LOG, 1, 10);
        assertThat(cluster.fired()).isEmpty();
        cluster.checker.latestServed(2, LOG, 3, 9);
        cluster.checker.latestSeen(4, LOG, 3, 10);
        cluster.checker.latestSeen(4, LOG, 3, 8);
        assertThat(cluster.fired()).containsExactly("I12", "I12");
    }

    @Test
    void shouldSeeAnAcknowledgementInAnotherEpochOrTooEarly() {
        long id = cluster.commit(1, 1);
        cluster.checker.answered(1, LOG, 1, Acks.ALL, id, 0);
        assertThat(cluster.fired()).isEmpty();
        cluster.checker.answered(1, LOG, 2, Acks.ALL, id, 0);
        cluster.checker.answered(1, LOG, 1, Acks.ALL, id + 1, 0);
        long next = cluster.appendEverywhere(1);
        cluster.checker.answered(1, LOG, 1, Acks.ALL, next, 2);
        cluster.checker.answered(1, LOG, 1, Acks.LEADER, next, 2);
        cluster.checker.answered(2, LOG, 1, Acks.LEADER, next, 2);
        assertThat(cluster.fired()).containsExactly("I15", "I15", "I15", "I15");
    }

    @Test
    void shouldSeeAGapOrARepetitionOfSequences() {
        commit(cluster.send(sending(0, 0, 0)));
        commit(cluster.send(sending(2, 0, 2)));
        commit(cluster.send(sending(4, 1, 0)));
        assertThat(cluster.fired()).isEmpty();
        commit(cluster.send(sending(6, 1, 4)));
        assertThat(cluster.fired()).containsExactly("I16");
        commit(cluster.send(sending(6, 2, 0)));
        assertThat(cluster.fired()).as("the same records under another epoch").containsExactly("I16", "I16");
    }

    @Test
    void shouldSeeRecordsBeforeWhatTheirProducerKnewToBeStored() {
        Sending first = alone(0);
        long id = cluster.send(first);
        commit(id);
        cluster.checker.acked(LOG, id, first, 0);
        commit(cluster.send(alone(2)));
        assertThat(cluster.fired()).isEmpty();

        FakeCluster other = FakeCluster.healthy();
        Sending told = alone(10);
        long toldId = other.send(told);
        other.checker.acked(LOG, toldId, told, 4);
        long late = other.send(alone(12));
        for (int node = 1; node <= 3; node++) {
            other.append(node, 1, late);
        }
        other.highWatermark(1, 2);
        assertThat(other.fired()).containsExactly("I1", "I17");
    }

    @Test
    void shouldSeeProducersRememberedOtherwiseThanTheLogSays() {
        commit(cluster.send(sending(0, 0, 0)));
        ProducerStates states = new ProducerStates();
        cluster.replica(2).producers = states;
        cluster.checker.finish();
        assertThat(cluster.fired()).containsExactly("I18");
        ByteBuffer header = ByteBuffer.allocate(BatchHeader.SIZE_BYTES);
        header.putInt(BatchHeader.LAST_OFFSET_DELTA_AT, RECORDS - 1);
        header.putLong(BatchHeader.PRODUCER_ID_AT, 900);
        states.replay(header, 0, 5);
        cluster.checker.finish();
        assertThat(cluster.fired()).hasSize(1);
    }

    @Test
    void shouldSeeWhatWasRefusedForCertain() {
        Sending first = alone(0);
        long id = cluster.send(first);
        cluster.checker.failed(1, "t", 0, 0, RECORDS, true);
        assertThat(cluster.fired()).isEmpty();
        commit(id);
        assertThat(cluster.fired()).containsExactly("I19");
    }

    @Test
    void shouldLetWhatIsUnknownBeCommitted() {
        Sending first = alone(0);
        commit(cluster.send(first));
        cluster.checker.failed(1, "t", 0, 0, RECORDS, false);
        assertThat(cluster.fired()).isEmpty();
        cluster.checker.failed(1, "t", 0, 0, RECORDS, true);
        assertThat(cluster.fired()).as("it was committed before").containsExactly("I19");
    }

    @Test
    void shouldPassOnWhatClientsFind() {
        cluster.checker.broken("I22", LOG, "a batch with another CRC");
        assertThat(cluster.fired()).containsExactly("I22");
    }

    @Test
    void shouldSayWhenSomethingCountsAsUnderWayForEver() {
        cluster.bytesInFlight = 1;
        assertThat(cluster.checker.unhealed()).extracting(Violation::invariant).contains("L6");
        cluster.bytesInFlight = 0;
        assertThat(cluster.checker.unhealed()).extracting(Violation::invariant).doesNotContain("L6");
    }

    @Test
    void shouldSayWhatIsNotHealed() {
        cluster.commit(1, 1);
        cluster.appendEverywhere(1);
        cluster.metadata(0, 2, List.of(), List.of(2, 3), 0);
        assertThat(cluster.checker.unhealed()).extracting(Violation::invariant).contains("L1", "L4");
        cluster.metadata(2, 3, List.of(2, 3), List.of(), 0);
        assertThat(cluster.checker.unhealed()).extracting(Violation::invariant).contains("L2", "L3", "L4");
    }

    private void commit(long id) {
        for (int node = 1; node <= 3; node++) {
            cluster.append(node, 1, id);
        }
        cluster.highWatermark(1, cluster.replica(1).staged);
    }

    private static Sending sending(long value, int epoch, int sequence) {
        return new Sending(1, value, RECORDS, Acks.ALL, 900, (short) epoch, sequence, true);
    }

    private static Sending alone(long value) {
        return new Sending(1, value, RECORDS, Acks.ALL, -1, (short) -1, -1, true);
    }
}
