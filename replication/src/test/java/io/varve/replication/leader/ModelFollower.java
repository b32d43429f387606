// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.protocol.EpochPage;
import io.varve.replication.protocol.FollowerPosition;
import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.ReplicaMessage.Ack;
import io.varve.replication.protocol.ReplicaMessage.Append;
import io.varve.replication.protocol.ReplicaMessage.Commit;
import io.varve.replication.protocol.ReplicaMessage.Nack;
import io.varve.replication.protocol.ReplicaMessage.Open;
import io.varve.replication.protocol.ReplicaMessage.State;
import io.varve.replication.protocol.ReplicaMessage.ToLeader;
import io.varve.replication.protocol.ReplicaMessage.Truncate;
import io.varve.storage.Chunk;
import io.varve.storage.EpochEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A follower as simple as can be: its log is the epoch of each record, written at once and flushed when the test says so. */
final class ModelFollower {
    final int node;
    final ArrayDeque<ReplicaMessage.ToFollower> inbox = new ArrayDeque<>();
    final ArrayDeque<ToLeader> outbox = new ArrayDeque<>();
    final List<Integer> epochs = new ArrayList<>();
    long flushed;
    long highWatermark;
    boolean linkUp;

    @Nullable
    NackCode refuseNext;

    private final Random random;
    private int leaderEpoch;
    private long session;
    private boolean open;

    ModelFollower(int node, Random random) {
        this.node = node;
        this.random = random;
    }

    void startWith(int records, int epoch) {
        for (int i = 0; i < records; i++) {
            epochs.add(epoch);
        }
        flushed = records;
    }

    void disconnect() {
        inbox.clear();
        outbox.clear();
        open = false;
    }

    void flush() {
        if (flushed < epochs.size()) {
            flushed = epochs.size();
            if (open) {
                acknowledge();
            }
        }
    }

    void receiveAll() {
        while (!inbox.isEmpty()) {
            receive();
        }
    }

    void receive() {
        ReplicaMessage.ToFollower message = inbox.poll();
        if (message instanceof Open asked) {
            onOpen(asked);
        } else if (message != null && (message.session() != session || message.leaderEpoch() != leaderEpoch)) {
            refuse(message, NackCode.UNKNOWN_SESSION);
        } else if (message instanceof Truncate truncate) {
            cut(truncate.toOffset());
            open = true;
            acknowledge();
        } else if (message instanceof Append append) {
            onAppend(append);
        } else if (message instanceof Commit commit && open) {
            highWatermark = Math.max(highWatermark, Math.min(commit.highWatermark(), epochs.size()));
        }
    }

    private void onOpen(Open asked) {
        if (asked.leaderEpoch() < leaderEpoch || asked.session() <= session) {
            return;
        }
        leaderEpoch = asked.leaderEpoch();
        session = asked.session();
        open = false;
        List<EpochEntry> chain = new ArrayList<>();
        for (int at = 0; at < epochs.size(); at++) {
            if (at == 0 || !epochs.get(at).equals(epochs.get(at - 1))) {
                chain.add(new EpochEntry(epochs.get(at), at));
            }
        }
        List<EpochEntry> below = chain.stream()
                .filter(entry -> entry.leaderEpoch() < asked.epochsBelow())
                .toList();
        long end = below.size() == chain.size()
                ? epochs.size()
                : chain.get(below.size()).startOffset();
        int from = Math.max(0, below.size() - 2); // small pages
        outbox.add(new State(
                asked.partition(),
                leaderEpoch,
                session,
                10L * node,
                0,
                epochs.size(),
                highWatermark,
                new EpochPage(below.subList(from, below.size()), end, from == 0)));
    }

    private void cut(long toOffset) {
        if (toOffset < highWatermark) {
            throw new AssertionError("node " + node + " is cut to " + toOffset + " below " + highWatermark); // I6
        }
        while (epochs.size() > toOffset) {
            epochs.remove(epochs.size() - 1);
        }
        flushed = Math.min(flushed, epochs.size());
    }

    private void onAppend(Append append) {
        NackCode refused = refuseNext;
        refuseNext = null;
        if (!open) {
            refused = NackCode.UNKNOWN_SESSION;
        } else if (append.baseOffset() != epochs.size()) {
            refused = NackCode.GAP;
        } else if (append.prevEpoch() != (epochs.isEmpty() ? 0 : epochs.get(epochs.size() - 1))) {
            throw new AssertionError("node " + node + " got " + append + " after " + epochs); // P8 settled that
        }
        if (refused != null) {
            refuse(append, refused);
            return;
        }
        for (Chunk chunk : append.chunks()) {
            for (long at = chunk.baseOffset(); at < chunk.endOffset(); at++) {
                epochs.add(chunk.leaderEpoch());
            }
        }
        highWatermark = Math.max(highWatermark, Math.min(append.leader().highWatermark(), epochs.size()));
        if (random.nextInt(3) > 0) {
            flushed = epochs.size();
        }
        acknowledge();
    }

    private void acknowledge() {
        outbox.add(new Ack(LeaderStage.ID, leaderEpoch, session, 10L * node, epochs.size(), flushed));
    }

    private void refuse(ReplicaMessage message, NackCode code) {
        outbox.add(new Nack(
                message.partition(),
                message.leaderEpoch(),
                message.session(),
                10L * node,
                code,
                new FollowerPosition(leaderEpoch, epochs.size(), 0),
                ""));
    }
}
