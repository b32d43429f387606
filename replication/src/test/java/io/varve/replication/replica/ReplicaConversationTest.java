// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.replication.Acks;
import io.varve.replication.Append;
import io.varve.replication.AppendResult;
import io.varve.replication.TestBatches;
import io.varve.replication.replica.ReplicaStatus.Role;
import io.varve.storage.Chunk;
import io.varve.storage.Durability;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What two replicas say to each other, word for word. */
class ReplicaConversationTest {
    private final List<String> said = new ArrayList<>();
    private final List<AppendResult> results = new ArrayList<>();
    private final ReplicaWorld world = new ReplicaWorld(Durability.FLUSHED, said::add);

    @Test
    void shouldAppendCommitAndCutWhatTheNextLeaderNeverHad() {
        ReplicaWorld.Node first = world.node(1);
        ReplicaWorld.Node second = world.node(2);
        first.connect(2);
        second.connect(1);
        first.learn();
        second.learn();
        world.settle();
        produce(first, 2);
        world.settle();
        assertThat(String.join("\n", said)).isEqualTo("""
                        1>2 e1 s1 Open
                        2>1 e1 s1 State end=0 hw=0 chain=
                        1>2 e1 s1 Truncate to=0
                        2>1 e1 s1 Ack written=0 flushed=0
                        1>2 e1 s1 Append base=0 prev=0 hw=0 batches=0-1e1
                        2>1 e1 s1 Ack written=2 flushed=2""");
        assertThat(results).isEmpty(); // node 3 is in sync, and silent
        said.clear();

        first.disconnect(2);
        produce(first, 3);
        first.write(true);
        world.elect(2);
        world.settle();
        assertThat(String.join("\n", said)).isEqualTo("""
                        2>1 e2 s1 Open
                        1>2 e2 s1 State end=5 hw=0 chain=1@0
                        2>1 e2 s1 Truncate to=2
                        1>2 e2 s1 Ack written=2 flushed=2""");
        assertThat(results).hasSize(2).allMatch(result -> result instanceof AppendResult.Indeterminate);
        assertThat(first.replica.role()).isEqualTo(Role.FOLLOWING);
        assertThat(first.replica.producers()).isPresent();
        world.close();
        assertThat(Chunk.openCount()).isZero();
    }

    private void produce(ReplicaWorld.Node node, int records) {
        node.replica.append(
                new Append(TestBatches.of(records), Acks.ALL, Append.ANY_EPOCH, Long.MAX_VALUE / 2, results::add),
                world.now,
                world.now);
        node.replica.endOfTurn(world.now);
    }
}
