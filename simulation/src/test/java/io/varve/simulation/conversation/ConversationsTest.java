// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.replication.Acks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Golden conversations: what three replicas say to each other in five stories, line by line. A difference is a change of the protocol. If it is meant,
 * {@code ./mvnw test -pl simulation -am -Dsurefire.failIfNoSpecifiedTests=false -Dtest=ConversationsTest -Dupdate-golden} writes them down anew; read
 * the difference before it is committed.
 */
class ConversationsTest {
    private static final Path GOLDEN = Path.of("src/test/resources/conversations");
    private static final long MUCH = 1 << 20;
    private static final long TWO_BATCHES = 300;
    private static final long LONGER_THAN_THE_LAG_ALLOWED = 10_500;

    @Test
    void shouldAppendNormally() throws IOException {
        Stage stage = new Stage(MUCH);
        stage.say("""
                A new partition: node 1 leads, nodes 2 and 3 follow. In each session the follower says what it has, is told
                where to cut (here: nothing), and its first Ack completes the handshake.""");
        stage.begin();
        stage.say("""
                A batch with acks=all. It is pushed before the leader's own disk has it; what counts is only what is
                flushed, at the leader too. When all three have flushed it, it is committed, and the producer hears of it.
                The followers hear of it on the control stream, because there is nothing to append that could say so.""");
        stage.produce(1, 3, Acks.ALL);
        stage.settle();
        stage.say("""
                The next one says in passing what is committed.""");
        stage.produce(1, 2, Acks.ALL);
        stage.settle();
        compare("normal-append", stage);
    }

    @Test
    void shouldCatchUpAFollowerThatWasBehind() throws IOException {
        Stage stage = new Stage(TWO_BATCHES);
        stage.begin();
        stage.lines().clear();
        stage.say("""
                Node 3 cannot be reached. While it is in the in-sync set, nothing is committed without it.""");
        stage.disconnect(1, 3);
        stage.produce(1, 2, Acks.ALL);
        stage.settle();
        stage.say("""
                After ten seconds node 1 asks for an in-sync set without it. With the answer the batch is committed.""");
        stage.pass(LONGER_THAN_THE_LAG_ALLOWED);
        stage.say("""
                More batches, which node 3 misses. Memory holds only the last two.""");
        for (int i = 0; i < 4; i++) {
            stage.produce(1, 2, Acks.ALL);
            stage.settle();
        }
        stage.say("""
                Node 3 is back. What it needs first is only on disk, so its session moves to the catch-up stream; when it
                has all, it moves back. Each move is a new session. Then it is taken into the in-sync set.""");
        stage.connect(1, 3);
        stage.settle();
        stage.pass(500);
        compare("follower-behind", stage);
    }

    @Test
    void shouldCutWhatDivergedInTwoQuickElections() throws IOException {
        Stage stage = new Stage(MUCH);
        stage.begin();
        stage.produce(1, 3, Acks.ALL);
        stage.settle();
        stage.lines().clear();
        stage.say("""
                [0, 3) is committed. Node 1 is cut off and takes a batch that nobody else gets.""");
        stage.isolate(1);
        stage.produce(1, 2, Acks.ALL);
        stage.settle();
        stage.say("""
                Node 2 is elected. It is cut off before its first batch has reached node 3.""");
        stage.fence(1);
        stage.settle();
        stage.isolate(2);
        stage.produce(2, 1, Acks.ALL);
        stage.settle();
        stage.say("""
                Node 3 is elected, alone. With acks=leader it takes a batch, which is in none of the other logs. Nothing is
                committed while fewer than two are in sync.""");
        stage.fence(2);
        stage.settle();
        stage.produce(3, 4, Acks.LEADER);
        stage.settle();
        stage.say("""
                Node 1 reaches the others again, but not the controller yet. It believes that it leads; node 3 knows better,
                and one word of a higher epoch ends what waits at node 1. But nobody takes an epoch from a peer: node 1
                accepts nothing of epoch 3 until the metadata says the same.""");
        stage.reconnect(1);
        stage.settle();
        stage.say("""
                The metadata has arrived. Node 1 has [3, 5) of epoch 1 where the leader has epoch 3: it is cut to 3. Then it
                gets what it lacks; two are in sync, and the batch of epoch 3 is committed with everything before it. Node 2,
                which still hears no controller, is told by node 1 that its epoch is over, too.""");
        stage.listen(1);
        stage.settle();
        stage.pass(500);
        stage.say("""
                Node 2 is back, with [3, 4) of epoch 2. One look at its epochs is enough here, too.""");
        stage.listen(2);
        stage.settle();
        stage.reconnect(2);
        stage.settle();
        stage.pass(500);
        compare("divergence", stage);
    }

    @Test
    void shouldWaitForTheLastReplicaStanding() throws IOException {
        Stage stage = new Stage(MUCH);
        stage.begin();
        stage.produce(1, 3, Acks.ALL);
        stage.settle();
        stage.lines().clear();
        stage.say("""
                [0, 3) is committed. Node 3 loses its power, and is given up. Two in sync are enough.""");
        stage.losePower(3);
        stage.fence(3);
        stage.settle();
        stage.produce(1, 2, Acks.ALL);
        stage.settle();
        stage.say("""
                Node 2 loses its power while a batch is under way. One in sync is too few: the batch is in a log, but nobody
                knows what will become of it, and the next one is refused. Node 2 is eligible from now on: it holds all that
                is committed.""");
        stage.node(2).process().holdDisk();
        stage.produce(1, 1, Acks.ALL);
        stage.settle();
        stage.losePower(2);
        stage.fence(2);
        stage.settle();
        stage.produce(1, 1, Acks.ALL);
        stage.settle();
        stage.say("""
                Node 1 loses its power, too. Nobody leads. Nodes 1 and 2 are eligible, node 3 is not: [3, 5) was committed
                without it.""");
        stage.losePower(1);
        stage.fence(1);
        stage.settle();
        stage.say("""
                Node 3 comes back first, and waits: it would be a leader who lacks committed records.""");
        stage.restart(3);
        stage.say("""
                Node 2 comes back and leads. Its memory is empty, so node 3 gets what it lacks from the disk. It makes two in
                sync, and an in-sync set that is large enough has nobody eligible beside it. The high watermark that node 2
                remembered was an old one; now it is known again.""");
        stage.restart(2);
        stage.pass(500);
        stage.say("""
                Node 1 comes back with a record that was never committed, [5, 6), and follows.""");
        stage.restart(1);
        stage.pass(500);
        compare("last-replica-standing", stage);
    }

    @Test
    void shouldLoseNothingWhenAllRestart() throws IOException {
        Stage stage = new Stage(MUCH);
        stage.begin();
        stage.produce(1, 3, Acks.ALL);
        stage.settle();
        stage.lines().clear();
        stage.say("""
                [0, 3) is committed. A batch is pushed and on no disk yet when all three lose their power.""");
        for (int id = 1; id <= 3; id++) {
            stage.node(id).process().holdDisk();
        }
        stage.produce(1, 2, Acks.ALL);
        stage.settle();
        stage.losePower(1, 2, 3);
        stage.say("""
                They come back one after the other. Registering ends a node's former life, so node 2 leaves the in-sync set.
                By the record two others are still in it, which is enough: nobody needs to be eligible.""");
        stage.restart(2);
        stage.say("""
                Node 3 leaves too few behind, and becomes eligible: what a flushed replica has acknowledged is on its disk.""");
        stage.restart(3);
        stage.say("""
                Node 1 registers, which ends its leadership. Nobody is in sync any more; of those eligible node 3 is up, and
                leads. Every log ends where the last flush ended. Nothing that was acknowledged is missing, and nobody had
                to decide anything.""");
        stage.restart(1);
        stage.pass(500);
        stage.say("""
                And on it goes.""");
        stage.produce(3, 2, Acks.ALL);
        stage.settle();
        compare("restart-of-all", stage);
    }

    private static void compare(String name, Stage stage) throws IOException {
        List<String> now = stage.lines();
        Path file = GOLDEN.resolve(name + ".txt");
        if (System.getProperty("update-golden") != null) {
            Files.createDirectories(GOLDEN);
            Files.write(file, now);
            return;
        }
        List<String> golden = Files.exists(file) ? Files.readAllLines(file) : List.of();
        assertThat(now)
                .as("the conversation %s; -Dupdate-golden writes it down if the change is meant", file)
                .isEqualTo(golden);
    }
}
