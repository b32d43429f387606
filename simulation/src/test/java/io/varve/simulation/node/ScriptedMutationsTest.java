// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.image.MetadataImage;
import io.varve.replication.AppendResult;
import io.varve.replication.protocol.ReplicaMessage.Ack;
import io.varve.replication.protocol.ReplicaMessage.Append;
import io.varve.replication.protocol.ReplicaMessage.Commit;
import io.varve.replication.protocol.ReplicaMessage.Nack;
import io.varve.replication.protocol.ReplicaMessage.Open;
import io.varve.replication.protocol.ReplicaMessage.State;
import io.varve.replication.protocol.ReplicaMessage.Truncate;
import io.varve.simulation.run.Mutation;
import io.varve.storage.Chunk;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What chance hardly ever finds, by hand: schedules that break an invariant without a rule, and none with it. Where nodes have other defences besides the
 * rule, the schedule says which.
 */
class ScriptedMutationsTest {
    @AfterEach
    void everyBufferIsGivenBack() {
        assertThat(Chunk.openCount()).isZero();
    }

    /** The schedule holds with all rules, and breaks what it is said to break without this one. */
    private static void without(String rule, String breaks, Consumer<Script> schedule) {
        try (Script script = new Script(Mutation.NONE)) {
            schedule.accept(script);
            assertThat(script.broken()).as("with all rules").isNull();
        }
        try (Script script = new Script(Mutation.named(rule))) {
            schedule.accept(script);
            assertThat(script.broken()).as("without " + rule).contains(breaks);
        }
    }

    private static void append(Script script, int leader, int records) {
        for (int i = 0; i < records; i++) {
            script.node(leader).append();
        }
    }

    // ---- stale incarnations (P7)

    /** The acknowledgement of a process whose machine lost its power meanwhile. A link, too, would drop it: its stream is gone. */
    @Test
    void shouldNotCountAnAckOfADeadIncarnation() {
        without("NO_BROKER_EPOCH_ACK", "I3: node 2", script -> {
            append(script, 1, 2);
            script.deliverAll();
            append(script, 1, 1);
            script.deliverAllBut(2, 1);
            Script.Parcel ack = script.hold(2, 1, Ack.class);
            script.losePower(2, 2); // it has not the third record any more
            script.learn(1, 2, 3);
            script.connect(1, 2);
            script.deliverWithout(Append.class);
            ack.arrive().run();
            script.decide();
        });
    }

    /**
     * A session goes on, for its leader, although the process that it was opened for is dead. Links end when the metadata names another incarnation, and
     * answers carry it: the rule is all of this together.
     */
    @Test
    void shouldNotGoOnWithASessionThatWasOpenedForADeadIncarnation() {
        without("NO_TARGET_INCARNATION", "I3: node 2", script -> {
            append(script, 1, 3);
            script.deliverAll();
            script.losePower(2, 1);
            script.learn(1, 2, 3); // the leader has not heard that its connection is broken
            script.decide();
        });
    }

    /** An Open that was under way when its receiver died. Its answer alone does no harm: the leader compares the incarnation as well. */
    @Test
    void shouldRefuseAnOpenForADeadIncarnation() {
        Consumer<Script> schedule = script -> {
            append(script, 1, 3);
            script.deliverAll();
            script.connect(1, 2);
            Script.Parcel open = script.hold(1, 2, Open.class);
            script.losePower(2, 1);
            script.learn(2, 3); // not the leader
            open.arrive().run();
        };
        try (Script script = new Script(Mutation.NONE)) {
            schedule.accept(script);
            assertThat(script.hold(2, 1, Nack.class).message().toString()).contains("STALE_INCARNATION");
            assertThat(script.broken()).isNull();
        }
        try (Script script = new Script(Mutation.named("NO_TARGET_INCARNATION"))) {
            schedule.accept(script);
            assertThat(script.hold(2, 1, State.class)).isNotNull();
            assertThat(script.broken()).isNull();
        }
    }

    // ---- epochs (P2, P4)

    /** A node leads again before an acknowledgement of its first time arrives: that record has been cut away since. */
    @Test
    void shouldNotCountAnAckOfAnEarlierEpoch() {
        without("ACK_ANY_EPOCH", "I3: node 2", script -> {
            append(script, 1, 2);
            script.deliverAll();
            append(script, 1, 1);
            Script.Parcel unsent = script.hold(1, 3, Append.class);
            ScriptNode.drop(unsent); // node 3 never had the third record
            script.deliverAllBut(2, 1);
            Script.Parcel ack = script.hold(2, 1, Ack.class);
            script.transfer(3);
            script.learn(1, 2, 3);
            script.deliverAll(); // and everybody cuts it away
            script.transfer(1);
            script.learn(1, 2, 3);
            script.deliverAll();
            append(script, 1, 1);
            script.deliverAllBut(1, 2); // node 2 has not the new third record either
            ack.arrive().run();
        });
    }

    /** An append waits, its record is cut away, and its node leads again: another record at its offset is committed. */
    @Test
    void shouldNotAnswerAnAppendOfAnEarlierEpoch() {
        Consumer<Script> schedule = script -> {
            append(script, 1, 1);
            ScriptNode.drop(script.hold(1, 2, Append.class));
            ScriptNode.drop(script.hold(1, 3, Append.class));
            for (int leader : new int[] {3, 1}) {
                script.transfer(leader);
                script.learn(1, 2, 3);
                script.deliverAll();
            }
            append(script, 1, 1);
            script.deliverAll();
            assertThat(script.node(1).log.stagedEndOffset()).isEqualTo(1);
            assertThat(script.broken()).isNull();
        };
        try (Script script = new Script(Mutation.NONE)) {
            schedule.accept(script);
            assertThat(stored(script, 1)).isEqualTo(1);
        }
        try (Script script = new Script(Mutation.named("PENDING_SURVIVES_EPOCH"))) {
            schedule.accept(script);
            assertThat(stored(script, 1)).as("I15: appends for one record").isEqualTo(2);
        }
    }

    private static long stored(Script script, int node) {
        return script.node(node).results.stream()
                .filter(AppendResult.Appended.class::isInstance)
                .count();
    }

    /** A node that believes a peer's epoch is behind its own metadata, which then makes it lead an older one. */
    @Test
    void shouldNotAdoptAnEpochFromAPeer() {
        without("ADOPT_EPOCH_FROM_PEER", "I8", script -> {
            append(script, 1, 2);
            script.deliverAll();
            script.transfer(2);
            MetadataImage second = script.image();
            script.transfer(3);
            script.learn(1, 3); // node 2 has heard of neither
            script.deliverAll();
            append(script, 3, 1);
            script.deliverAll();
            script.learn(2, second);
            script.deliverAll();
        });
    }

    /** A leader that does not know that it is none any more makes a follower of the next one cut away what that one committed. */
    @Test
    void shouldNotFollowALeaderOfAnEarlierEpoch() {
        without("NO_EPOCH_CHECK_FOLLOWER", "I3: node 3", script -> {
            append(script, 1, 2);
            script.deliverAll();
            script.fence(1);
            script.learn(2, 3);
            script.hold(3, 1, Nack.class); // that its session is over is lost with its connection
            script.deliver(2, 3);
            append(script, 2, 1);
            script.deliverWithout(Commit.class, List.of(2, 3));
            script.connect(1, 3);
            script.deliver(1, 3);
        });
    }

    // ---- sessions (P9, P11)

    /** The network delivers a Truncate twice. Streams never do; a leader that resends would. */
    @Test
    void shouldTruncateOncePerSession() {
        without("TRUNC_REPEATABLE", "I3: node 2", script -> {
            script.connect(1, 2);
            script.deliverWithout(Truncate.class);
            Script.Parcel truncate = script.hold(1, 2, Truncate.class);
            truncate.arrive().run();
            script.deliverAll();
            append(script, 1, 2);
            script.deliverWithout(Commit.class);
            truncate.arrive().run();
            script.deliverWithout(Commit.class);
        });
    }

    /** The Truncate of a session that its leader gave up arrives when a later one has long been streaming. */
    @Test
    void shouldNotTruncateByAnEarlierSession() {
        without("NO_SESSION_CHECK", "I3: node 2", script -> {
            script.connect(1, 2);
            script.deliverWithout(Truncate.class);
            Script.Parcel truncate = script.hold(1, 2, Truncate.class);
            script.connect(1, 2);
            script.deliverAll();
            append(script, 1, 2);
            script.deliverWithout(Commit.class);
            truncate.arrive().run();
            script.deliverWithout(Commit.class);
        });
    }

    /**
     * The message by which a follower says that its log failed, and that it ended the session, is lost. Streams lose nothing but their ends: no node gets
     * here.
     */
    @Test
    void shouldHearThatItsSessionIsUnknown() {
        Consumer<Script> schedule = script -> {
            append(script, 1, 2);
            script.deliverAll();
            script.node(2).failLog();
            script.hold(2, 1, Nack.class);
            script.pass(2_000);
            script.deliverAll();
            append(script, 1, 1);
            for (int i = 0; i < 20; i++) {
                script.deliverAll();
                script.pass(100);
            }
        };
        try (Script script = new Script(Mutation.NONE)) {
            schedule.accept(script);
            assertThat(script.node(2).log.stagedEndOffset()).isEqualTo(3);
            assertThat(script.broken()).isNull();
        }
        try (Script script = new Script(Mutation.named("NO_NACK_UNKNOWN_SESSION"))) {
            schedule.accept(script);
            assertThat(script.node(2).log.stagedEndOffset()).as("L3").isEqualTo(2);
        }
    }

    // ---- what leaders tell (P17, P19)

    /** A new leader has not heard how far the old one had committed: the latest offset would go backwards. */
    @Test
    void shouldNotTellALatestOffsetBeforeItIsKnown() {
        Consumer<Script> schedule = script -> {
            append(script, 1, 2);
            script.deliverWithout(Commit.class);
            assertThat(script.node(1).replica.leader().visibleEndOffset()).isEqualTo(2);
            script.transfer(2);
            script.learn(1, 2, 3);
            assertThat(script.node(2).replica.leader().isLeading()).isTrue();
            assertThat(script.node(2).replica.leader().visibleEndOffset()).isZero();
        };
        try (Script script = new Script(Mutation.NONE)) {
            schedule.accept(script);
            assertThat(script.node(2).replica.leader().knowsLatestOffset()).isFalse();
            script.deliverAll();
            assertThat(script.node(2).replica.leader().knowsLatestOffset()).isTrue();
        }
        try (Script script = new Script(Mutation.named("LATEST_BEFORE_LESO"))) {
            schedule.accept(script);
            assertThat(script.node(2).replica.leader().knowsLatestOffset())
                    .as("I12: 0 after 2")
                    .isTrue();
        }
    }

    /** A new leader that does not know yet how far the old one had committed takes in a replica that lacks some of it. */
    @Test
    void shouldLetNobodyInBelowTheStartOfItsEpoch() {
        without("NO_LESO_CHECK", "I3: node 3", script -> {
            append(script, 1, 2);
            script.deliverAll();
            script.fence(3);
            script.learn(1, 2);
            append(script, 1, 2);
            script.deliverWithout(Commit.class, List.of(1, 2)); // committed, which node 2 has not heard
            script.unfence(3);
            script.transfer(2);
            script.learn(2, 3);
            script.hold(2, 3, Open.class).arrive().run();
            script.hold(3, 2, State.class).arrive().run();
            script.hold(2, 3, Truncate.class).arrive().run();
            script.node(3).write();
            script.hold(3, 2, Ack.class).arrive().run();
            script.decide();
        });
    }

    // ---- changes of the isr (P20, P21)

    /** A proposal to let a node in, of which a copy is decided when the node has been sent out again. */
    @Test
    void shouldNotTakeAProposalOfAnEarlierPartitionEpoch() {
        without("NO_PE_CAS", "I3: node 3", script -> {
            Script.Asked copy = letIn(script, 3);
            script.decide(copy);
            script.learn(1, 2, 3);
            script.fence(3);
            script.learn(1, 2);
            append(script, 1, 2);
            script.deliver(1, 2); // committed without it
            script.unfence(3);
            script.decide(copy);
        });
    }

    /** A node loses its power while a proposal to let it in is under way; it comes back with less. */
    @Test
    void shouldNotLetInAnotherIncarnationThanTheLeaderKnew() {
        without("NO_BROKER_EPOCH_AP", "I3: node 3", script -> {
            Script.Asked late = letIn(script, 3);
            script.losePower(3, 1);
            script.decide(late);
        });
    }

    /** A proposal that nobody answers in time is decided after all. */
    @Test
    void shouldNotTakeAProposalBackThatIsNotAnswered() {
        without("ROLLBACK_ON_TIMEOUT", "I3: node 3", script -> {
            Script.Asked late = letIn(script, 3);
            script.connect(1, 3); // a new session, which gets nowhere
            script.pass(4_000);
            script.decide(late);
            append(script, 1, 1);
            script.deliver(1, 2);
        });
    }

    /** A proposal is refused, and nothing of the partition changes: its leader waits for ever for metadata that says what became of it. */
    @Test
    void shouldRaiseThePartitionEpochWhenItRefuses() {
        Consumer<Script> schedule = script -> {
            Script.Asked refused = letIn(script, 3);
            script.fence(3);
            script.decide(refused);
            script.learn(1, 2, 3);
            script.unfence(3);
            script.learn(1, 2, 3);
            for (int i = 0; i < 100; i++) {
                script.pass(100);
                script.deliverAll();
                script.decide();
                script.learn(1, 2, 3);
            }
        };
        try (Script script = new Script(Mutation.NONE)) {
            schedule.accept(script);
            assertThat(script.partition().isr()).containsExactly(1, 2, 3);
            assertThat(script.broken()).isNull();
        }
        try (Script script = new Script(Mutation.named("REJECT_NO_BUMP"))) {
            schedule.accept(script);
            assertThat(script.partition().isr()).as("L2").containsExactly(1, 2);
        }
    }

    /** Node 3 was fenced, is back and has everything: its leader has just asked to let it in. */
    private static Script.Asked letIn(Script script, int node) {
        append(script, 1, 2);
        script.deliverAll();
        script.fence(node);
        script.unfence(node);
        script.learn(1, 2, 3);
        script.pass(100);
        script.deliverAll();
        assertThat(script.asked).isNotEmpty();
        return script.asked.remove(0);
    }
}
