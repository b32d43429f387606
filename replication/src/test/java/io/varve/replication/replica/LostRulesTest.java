// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import static io.varve.replication.replica.ReplicaRig.ID;
import static io.varve.replication.replica.ReplicaRig.batch;
import static io.varve.replication.replica.ReplicaRig.placed;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.replication.TestBatches;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rule;
import io.varve.replication.protocol.Rules;
import io.varve.replication.replica.ReplicaStatus.Role;
import io.varve.storage.Durability;
import org.junit.jupiter.api.Test;

/** What each rule of a follower keeps from happening, happens without it. */
class LostRulesTest {
    @Test
    void shouldAnswerAnOpenForAnotherIncarnation() {
        try (ReplicaRig rig = without(Rule.NO_TARGET_INCARNATION)) {
            rig.message(1, new ReplicaMessage.Open(ID, 1, 1, rig.index, 99, 101, 0, Integer.MAX_VALUE));
            assertThat(rig.replies).singleElement().isInstanceOf(ReplicaMessage.State.class);
        }
    }

    @Test
    void shouldAdoptAnEpochFromAPeerAndStopLeading() {
        try (ReplicaRig rig = without(Rule.ADOPT_EPOCH_FROM_PEER)) {
            rig.metadata(2, 2);
            assertThat(rig.replica.role()).isEqualTo(Role.LEADING);
            rig.message(3, new ReplicaMessage.Open(ID, 3, 1, rig.index + 5, 102, 103, 0, Integer.MAX_VALUE));
            assertThat(rig.replies).singleElement().isInstanceOf(ReplicaMessage.State.class);
            assertThat(rig.replica.role()).isEqualTo(Role.FOLLOWING);
        }
    }

    @Test
    void shouldFollowALeaderOfAnOldEpoch() {
        try (ReplicaRig rig = without(Rule.NO_EPOCH_CHECK_FOLLOWER)) {
            rig.metadata(3, 2);
            rig.session(1, 1, 1, 0);
            rig.append(1, 1, 1, 0, 0, batch(0, 1, 2));
            rig.write();
            assertThat(rig.ack().writtenEndOffset()).isEqualTo(2);
        }
    }

    @Test
    void shouldTakeAppendsOfAnotherSession() {
        try (ReplicaRig rig = without(Rule.NO_SESSION_CHECK)) {
            rig.session(1, 1, 5, 0);
            rig.append(1, 1, 4, 0, 0, batch(0, 1, 2));
            rig.write();
            assertThat(rig.ack().writtenEndOffset()).isEqualTo(2);
        }
    }

    @Test
    void shouldDropWhatIsOfAnUnknownSession() {
        try (ReplicaRig rig = without(Rule.NO_NACK_UNKNOWN_SESSION)) {
            rig.append(1, 1, 4, 0, 0, batch(0, 1, 2));
            assertThat(rig.replies).isEmpty();
        }
    }

    @Test
    void shouldKeepProducersWhoseBatchesAreGone() { // I18
        try (ReplicaRig rig = without(Rule.PRODUCER_STATE_NOT_ROLLED_BACK)) {
            rig.session(1, 1, 5, 0);
            rig.append(1, 1, 5, 0, 0, placed(TestBatches.idempotent(9, 0, 0, 2), 0, 1));
            rig.write();
            rig.metadata(3, 2);
            rig.session(3, 2, 1, 0);
            assertThat(rig.log.stagedEndOffset()).isZero();
            assertThat(rig.replica.producers())
                    .hasValueSatisfying(p -> assertThat(p.size()).isEqualTo(1));
        }
    }

    @Test
    void shouldCutAtTheHighWatermarkWhateverTheLeaderSays() {
        try (ReplicaRig rig = without(Rule.TRUNCATE_TO_HW)) {
            rig.session(1, 1, 5, 0);
            rig.append(1, 1, 5, 0, 2, batch(0, 1, 2), batch(2, 1, 2));
            rig.write();
            rig.metadata(3, 2);
            rig.session(3, 2, 1, 4);
            assertThat(rig.log.stagedEndOffset()).isEqualTo(2);
        }
    }

    private static ReplicaRig without(Rule rule) {
        ReplicaRig rig = new ReplicaRig(2, Rules.without(rule), Durability.FLUSHED, new MemoryLog(), 0);
        rig.metadata(1, 1);
        return rig;
    }
}
