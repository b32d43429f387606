// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The leaders of some partitions as far as a link sees them: they open, truncate, append within a window, and open anew when they are refused. */
final class FakeLeaders {
    private static final long WINDOW = 30;

    private record Sent(long endOffset, long bytes) {}

    private static final class Leader {
        long session;
        boolean streams;
        boolean opening;
        PeerStream kind = PeerStream.DATA;
        long nextOffset;
        long ackedOffset;
        long heardOffset; // by the link; the leader learns of it at the end of the turn
        boolean heardNack;
        long refusedSession; // by the link itself: the only reason for a gap
        final ArrayDeque<Sent> onWire = new ArrayDeque<>();
    }

    private final List<Leader> leaders = new ArrayList<>();
    private final String where;
    private long sessions;
    boolean isUp;
    boolean isPressed;
    long busy;

    FakeLeaders(int count, String where) {
        for (int i = 0; i < count; i++) {
            leaders.add(new Leader());
        }
        this.where = where;
    }

    void open(int partition, PeerStream kind, long metadataIndex, long target, PeerLink link, long now) {
        Leader leader = leaders.get(partition);
        if (!isUp) {
            return;
        }
        leader.session = ++sessions;
        leader.kind = kind;
        leader.streams = false;
        leader.opening = true;
        leader.nextOffset = 0;
        leader.ackedOffset = 0;
        leader.heardOffset = 0;
        leader.heardNack = false;
        leader.onWire.clear();
        link.send(kind, LinkMessages.open(partition, leader.session, metadataIndex, target), now);
    }

    boolean isIdle(int partition) {
        Leader leader = leaders.get(partition);
        return isUp && !leader.streams && !leader.opening;
    }

    void append(int partition, int bytes, PeerLink link, long now) {
        Leader leader = leaders.get(partition);
        if (leader.streams && !isPressed && leader.nextOffset - leader.ackedOffset < WINDOW) {
            link.send(leader.kind, LinkMessages.append(partition, leader.session, leader.nextOffset++, bytes), now);
        }
    }

    void commit(int partition, PeerLink link, long now) {
        Leader leader = leaders.get(partition);
        if (leader.streams) {
            link.send(PeerStream.CONTROL, LinkMessages.commit(partition, leader.session, leader.ackedOffset), now);
        }
    }

    void answered(ReplicaMessage.ToLeader answer, PeerLink link, long now) {
        int partition = answer.partition().partition();
        Leader leader = leaders.get(partition);
        if (answer.session() != leader.session) {
            return;
        }
        if (answer instanceof ReplicaMessage.State) {
            link.send(leader.kind, LinkMessages.truncate(partition, leader.session), now);
        } else if (answer instanceof ReplicaMessage.Ack ack && (leader.opening || leader.streams)) {
            leader.opening = false;
            leader.streams = true;
            leader.ackedOffset = ack.writtenEndOffset();
        } else if (answer instanceof ReplicaMessage.Nack) {
            leader.opening = false;
            leader.streams = false;
        }
    }

    /** At the moment in which the link hears it. */
    void heard(ReplicaMessage.ToLeader answer) {
        Leader leader = leaders.get(answer.partition().partition());
        if (answer.session() == leader.session && answer instanceof ReplicaMessage.Ack ack) {
            leader.heardOffset = ack.writtenEndOffset();
        } else if (answer.session() == leader.session && answer instanceof ReplicaMessage.Nack) {
            leader.heardNack = true;
        }
        if (answer instanceof ReplicaMessage.Nack nack && nack.detail().contains("wait for the link")) {
            leader.refusedSession = Math.max(leader.refusedSession, answer.session());
            busy++;
        }
    }

    boolean wasRefused(int partition, long session) {
        return leaders.get(partition).refusedSession == session;
    }

    /** I26 from outside: what of a session is on its way, by what was written and what has come back. */
    void written(ReplicaMessage message, long capBytes) {
        Leader leader = leaders.get(message.partition().partition());
        if (message.session() == leader.session && message instanceof ReplicaMessage.Append append) {
            while (!leader.onWire.isEmpty() && leader.onWire.getFirst().endOffset() <= leader.heardOffset) {
                leader.onWire.removeFirst();
            }
            leader.onWire.addLast(new Sent(append.leader().logEndOffset(), append.sizeBytes()));
            long bytes = leader.onWire.stream().mapToLong(Sent::bytes).sum();
            assertThat(leader.onWire.size() == 1 || bytes <= capBytes || leader.heardNack)
                    .as("%s: %d bytes of %s on their way", where, bytes, message.partition())
                    .isTrue();
        }
    }

    void up() {
        assertThat(isUp).as("%s: up twice", where).isFalse();
        isUp = true;
        isPressed = false;
    }

    void down() {
        assertThat(isUp).as("%s: down twice", where).isTrue();
        isUp = false;
        for (Leader leader : leaders) {
            leader.streams = false;
            leader.opening = false;
        }
    }

    /** Whether everything that was sent has arrived and was acknowledged. */
    boolean isSettled(int partition) {
        Leader leader = leaders.get(partition);
        return leader.streams && leader.ackedOffset == leader.nextOffset;
    }

    String describe(int partition) {
        Leader leader = leaders.get(partition);
        return partition + ": session " + leader.session + " on " + leader.kind + ", opening " + leader.opening
                + ", streams " + leader.streams + ", acked " + leader.ackedOffset + " of " + leader.nextOffset;
    }
}
