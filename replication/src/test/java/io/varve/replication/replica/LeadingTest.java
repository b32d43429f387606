// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.replication.AppendResult;
import io.varve.replication.RejectReason;
import io.varve.replication.TestBatches;
import io.varve.replication.protocol.EpochPage;
import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.PartitionState;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rules;
import io.varve.replication.replica.ReplicaStatus.Role;
import io.varve.storage.Durability;
import io.varve.storage.StorageException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Node 2 leads, gives up, and comes back. */
class LeadingTest {
    private static final long SECOND = 1_000_000_000L;
    private static final List<Integer> ALONE = List.of(2);

    private final List<AppendResult> results = new ArrayList<>();

    @Test
    void shouldReopenAndResignWhenItIsTheSoleReplica() { // P36
        try (ReplicaRig rig = leadingAlone()) {
            fail(rig, StorageException.Kind.DISK_FULL);
            assertThat(results).singleElement().isInstanceOf(AppendResult.Indeterminate.class);
            assertThat(rig.replica.role()).isEqualTo(Role.RESIGNED);
            assertThat(rig.resignations).isEmpty();
            rig.settle();
            assertThat(rig.resignations)
                    .containsExactly(new Resignation(1, RejectReason.DISK_FULL, "full", true, false));
            rig.metadata(ReplicaRig.state(2, 2, 2, ALONE));
            rig.settle();
            assertThat(rig.replica.role()).isEqualTo(Role.LEADING);
            rig.tick(5 * SECOND);
            assertThat(rig.resignations).hasSize(1);
        }
    }

    @Test
    void shouldSurviveAReadThatFailsOnce() {
        try (ReplicaRig rig = leadingAlone()) {
            fail(rig, StorageException.Kind.DISK_FULL); // so that the producers are replayed
            rig.settle();
            rig.log.refuseReplay = StorageException.Kind.IO;
            rig.metadata(ReplicaRig.state(2, 2, 2, ALONE));
            rig.settle();
            assertThat(rig.replica.role()).isEqualTo(Role.RESIGNED);
            rig.tick(5 * SECOND);
            rig.settle();
            assertThat(rig.resignations)
                    .last()
                    .isEqualTo(new Resignation(2, RejectReason.KAFKA_STORAGE_ERROR, "refused", true, false));
            rig.metadata(ReplicaRig.state(2, 3, 3, ALONE));
            rig.settle();
            assertThat(rig.replica.role()).isEqualTo(Role.LEADING);
        }
    }

    @Test
    void shouldResignAgainOnceTheDiskHasRoom() {
        try (ReplicaRig rig = leadingAlone()) {
            rig.log.refuseReopen = StorageException.Kind.DISK_FULL;
            fail(rig, StorageException.Kind.DISK_FULL);
            rig.settle();
            assertThat(rig.resignations)
                    .singleElement()
                    .satisfies(r -> assertThat(r.reopened()).isFalse());
            rig.metadata(new PartitionState(0, 2, 2, ALONE, List.of(), List.of(2), 1, 0));
            rig.log.refuseReopen = null;
            rig.tick(SECOND);
            rig.settle();
            assertThat(rig.resignations)
                    .last()
                    .isEqualTo(new Resignation(2, RejectReason.DISK_FULL, "full", true, false));
        }
    }

    @Test
    void shouldSayThatItResignsUntilTheMetadataShowsIt() {
        try (ReplicaRig rig = new ReplicaRig(2)) {
            rig.metadata(2, 1);
            rig.produce(TestBatches.of(1), results);
            fail(rig, StorageException.Kind.DISK_FULL);
            assertThat(rig.resignations)
                    .hasSize(1)
                    .first()
                    .satisfies(r -> assertThat(r.reopened()).isFalse());
            rig.log.refuseReopen = StorageException.Kind.DISK_FULL;
            rig.tick(SECOND);
            rig.settle();
            assertThat(rig.resignations).hasSize(2);
            rig.metadata(3, 2);
            rig.tick(2 * SECOND);
            assertThat(rig.resignations).hasSize(2);
            assertThat(rig.replica.role()).isEqualTo(Role.FOLLOWING);
            rig.open(3, 2, 1);
            assertThat(rig.nack().code()).isEqualTo(NackCode.STORAGE_ERROR);
        }
    }

    @Test
    void shouldNeitherLeadNorFollowFromADiskThatIsOffline() { // P36
        try (ReplicaRig rig = leadingAlone()) {
            rig.log.refuseReopen = StorageException.Kind.IO;
            fail(rig, StorageException.Kind.IO);
            rig.settle();
            assertThat(rig.replica.role()).isEqualTo(Role.RESIGNED);
            rig.metadata(ReplicaRig.state(2, 2, 2, ALONE));
            assertThat(rig.replica.role()).isEqualTo(Role.RESIGNED);
            assertThat(rig.resignations)
                    .last()
                    .satisfies(r -> assertThat(r.leaderEpoch()).isEqualTo(2));
            rig.metadata(ReplicaRig.state(3, 3, 3, List.of(2, 3)));
            assertThat(rig.replica.role()).isEqualTo(Role.FAILED);
        }
    }

    @Test
    void shouldKeepItsHighWatermarkWhenItsLogFailsBeforeItLeads() { // I10
        try (ReplicaRig rig = new ReplicaRig(2)) {
            rig.metadata(1, 1);
            rig.session(1, 1, 5, 0);
            rig.append(1, 1, 5, 0, 3, ReplicaRig.batch(0, 1, 4));
            rig.write();
            assertThat(rig.replica.highWatermark()).isEqualTo(3);
            fail(rig, StorageException.Kind.DISK_FULL);
            rig.log.refuseReopen = StorageException.Kind.DISK_FULL;
            rig.metadata(2, 2);
            assertThat(rig.replica.role()).isEqualTo(Role.STARTING);
            rig.tick(SECOND);
            rig.settle();
            assertThat(rig.replica.role()).isEqualTo(Role.RESIGNED);
            assertThat(rig.replica.highWatermark()).isEqualTo(3);
            rig.metadata(3, 3);
            assertThat(rig.replica.highWatermark()).isEqualTo(3);
        }
    }

    @Test
    void shouldReplayBeforeItLeadsALogThatItDoesNotKnow() { // P41
        MemoryLog log = new MemoryLog();
        log.stage(ReplicaRig.batch(0, 1, 3));
        log.write(true);
        try (ReplicaRig rig = new ReplicaRig(2, Rules.ALL, Durability.FLUSHED, log, 2)) {
            rig.metadata(2, 4);
            assertThat(rig.replica.role()).isEqualTo(Role.STARTING);
            rig.produce(TestBatches.of(1), results);
            assertThat(results).singleElement().isInstanceOf(AppendResult.Rejected.class);
            rig.settle();
            assertThat(rig.replica.role()).isEqualTo(Role.LEADING);
            assertThat(rig.replica.highWatermark()).isEqualTo(2);
            assertThat(rig.replica.leader().knowsLatestOffset()).isFalse(); // P17
        }
    }

    @Test
    void shouldStopWhenAFlushedLogLacksWhatWasCommitted() { // P35
        try (ReplicaRig rig = new ReplicaRig(2, Rules.ALL, Durability.FLUSHED, new MemoryLog(), 7)) {
            rig.metadata(2, 4);
            assertThat(rig.replica.role()).isEqualTo(Role.FAILED);
            assertThat(rig.said).anyMatch(s -> s.startsWith("damaged: ")); // P34: the controller must hear it
            assertThat(rig.resignations).hasSize(1);
            assertThat(rig.replica.wantsTicks()).isTrue();
            rig.tick(SECOND);
            assertThat(rig.resignations).hasSize(2);
        }
    }

    @Test
    void shouldStopWhenAReadForAFollowerFindsDamage() { // P34
        try (ReplicaRig rig = new ReplicaRig(1)) {
            rig.metadata(1, 1);
            rig.settle();
            rig.produce(TestBatches.of(2), new ArrayList<>());
            rig.write();
            rig.log.tailStart = Long.MAX_VALUE;
            rig.log.damaged = true;
            rig.replica.linkUp(2, rig.now);
            rig.replica.endOfTurn(rig.now);
            for (long session = 1; session <= 2; session++) { // on DATA, and then on CATCH_UP
                handshake(rig, session);
            }
            rig.settle();
            assertThat(rig.replica.role()).isEqualTo(Role.FAILED);
            assertThat(rig.said).anyMatch(line -> line.startsWith("damaged:") && line.contains("wrong bytes"));
            assertThat(rig.resignations).hasSize(1);
        }
    }

    private static void handshake(ReplicaRig rig, long session) {
        rig.replica.onAnswer(
                2,
                new ReplicaMessage.State(ReplicaRig.ID, 1, session, 102, 0, 0, 0, new EpochPage(List.of(), 0, true)),
                rig.now);
        rig.replica.endOfTurn(rig.now);
        rig.replica.onAnswer(2, new ReplicaMessage.Ack(ReplicaRig.ID, 1, session, 102, 0, 0), rig.now);
        rig.replica.endOfTurn(rig.now);
    }

    @Test
    void shouldWantNoTicksWhileAllAreInSyncAndNothingWaits() {
        try (ReplicaRig rig = new ReplicaRig(1)) {
            rig.metadata(ReplicaRig.state(1, 1, 1, List.of(1, 2)));
            assertThat(rig.replica.wantsTicks()).as("a member without a link").isTrue();
            rig.replica.linkUp(2, rig.now);
            rig.replica.endOfTurn(rig.now);
            handshake(rig, 1);
            assertThat(rig.replica.wantsTicks()).as("idle").isFalse();
            rig.produce(TestBatches.of(2), new ArrayList<>());
            rig.write();
            assertThat(rig.replica.wantsTicks()).as("somebody waits").isTrue();
            rig.replica.onAnswer(2, new ReplicaMessage.Ack(ReplicaRig.ID, 1, 1, 102, 2, 2), rig.now);
            rig.replica.endOfTurn(rig.now);
            assertThat(rig.replica.wantsTicks()).as("idle again").isFalse();
            rig.replica.linkDown(2, rig.now);
            rig.replica.endOfTurn(rig.now);
            assertThat(rig.replica.wantsTicks()).as("the link is down").isTrue();
        }
    }

    @Test
    void shouldIgnoreCompletionsThatComeAfterTheEnd() {
        MemoryLog log = new MemoryLog();
        log.stage(ReplicaRig.batch(0, 1, 3));
        log.write(true);
        try (ReplicaRig rig = new ReplicaRig(2, Rules.ALL, Durability.FLUSHED, log, 0)) {
            rig.metadata(2, 4);
            rig.replica.stop("deleted");
            rig.settle();
            assertThat(rig.replica.role()).isEqualTo(Role.CLOSED);
            rig.open(1, 5, 1);
            assertThat(rig.nack().code()).isEqualTo(NackCode.UNKNOWN_REPLICA);
        }
    }

    private ReplicaRig leadingAlone() {
        ReplicaRig rig = new ReplicaRig(2);
        rig.metadata(ReplicaRig.state(2, 1, 1, ALONE));
        rig.produce(TestBatches.of(1), results);
        return rig;
    }

    private static void fail(ReplicaRig rig, StorageException.Kind kind) {
        rig.log.fail();
        rig.replica.logFailed(kind, "full", rig.log.written, rig.log.flushed, rig.now);
        rig.replica.endOfTurn(rig.now);
    }
}
