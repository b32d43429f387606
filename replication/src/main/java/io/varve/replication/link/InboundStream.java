// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import io.varve.replication.protocol.PeerReplies;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.storage.LogId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One stream that somebody dialled, and the answers that wait for the end of the turn to go back on it. *Confined* to the loop of its {@link PeerInbox}: a
 * replica on another loop must not be handed it, but something that posts to it.
 */
final class InboundStream implements PeerReplies {
    private static final int ANSWERS_PER_FRAME = 1024;

    final long inboundId;
    final long openedNanos;
    PeerFrame.@Nullable Hello hello; // null: not greeted yet
    boolean isTalking;
    private final int answersMax;
    private final Consumer<InboundStream> talks;
    private final Map<LogId, Integer> acks = new LinkedHashMap<>(); // where the newest Ack of a partition waits
    private List<ReplicaMessage.ToLeader> answers = new ArrayList<>();
    private PeerFrame.@Nullable PulseAnswer pulse;
    private boolean open = true;
    private boolean overflowed;

    InboundStream(long inboundId, long openedNanos, int answersMax, Consumer<InboundStream> talks) {
        this.inboundId = inboundId;
        this.openedNanos = openedNanos;
        this.answersMax = answersMax;
        this.talks = talks;
    }

    /** An Ack takes the place of an earlier one of its session: it is cumulative. Everything else keeps its order. */
    @Override
    public void reply(ReplicaMessage.ToLeader message) {
        if (!open) {
            return;
        }
        talks.accept(this);
        if (message instanceof ReplicaMessage.Ack ack) {
            Integer place = acks.get(ack.partition());
            if (place != null && answers.get(place).session() == ack.session()) {
                answers.set(place, ack);
                return;
            }
        }
        if (answers.size() >= answersMax) {
            overflowed = true;
            return;
        }
        if (message instanceof ReplicaMessage.Ack ack) {
            acks.put(ack.partition(), answers.size());
        }
        answers.add(message);
    }

    /** One answer is enough for all pulses of a turn. */
    void pulse(long sentNanos) {
        pulse = new PeerFrame.PulseAnswer(sentNanos);
        talks.accept(this);
    }

    void write(InboxPort port) {
        if (pulse != null) {
            port.write(inboundId, pulse);
            pulse = null;
        }
        for (int from = 0; from < answers.size(); from += ANSWERS_PER_FRAME) {
            int to = Math.min(answers.size(), from + ANSWERS_PER_FRAME);
            port.write(inboundId, new PeerFrame.Messages(answers.subList(from, to)));
        }
        if (!answers.isEmpty()) {
            answers = new ArrayList<>();
            acks.clear();
        }
    }

    boolean isOpen() {
        return open;
    }

    /** Whether an answer had to be dropped: then the stream must end, for a leader that waits for ever is worse. */
    boolean overflowed() {
        return overflowed;
    }

    void close() {
        open = false;
        answers = new ArrayList<>();
        acks.clear();
        pulse = null;
    }
}
