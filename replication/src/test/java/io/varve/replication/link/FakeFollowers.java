// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.PeerReplies;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.ReplicaMessage.Append;
import io.varve.storage.Chunk;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The followers of some partitions, which keep sessions as P7, P9 and P11 say and write when they are told to. */
final class FakeFollowers {
    private static final class Follower {
        long session;
        boolean opened;
        long endOffset;
        PeerReplies replies = message -> {};
        final List<Chunk> staged = new ArrayList<>();

        void dropStaged() {
            staged.forEach(Chunk::release);
            staged.clear();
        }
    }

    private final List<Follower> followers = new ArrayList<>();
    private final String where;
    long appended;

    FakeFollowers(int count, String where) {
        for (int i = 0; i < count; i++) {
            followers.add(new Follower());
        }
        this.where = where;
    }

    boolean deliver(ReplicaMessage.ToFollower message, PeerReplies replies, boolean gapAllowed) {
        int partition = message.partition().partition();
        if (partition >= followers.size()) {
            return false;
        }
        Follower follower = followers.get(partition);
        if (message instanceof ReplicaMessage.Open open) {
            open(follower, open, replies);
        } else if (message.session() != follower.session) {
            LaneQueue.release(message);
            if (!(message instanceof ReplicaMessage.Commit)) {
                replies.reply(LinkMessages.nack(partition, message.session(), NackCode.UNKNOWN_SESSION));
            }
        } else if (message instanceof ReplicaMessage.Truncate) {
            assertThat(follower.opened)
                    .as("%s: Truncate once, before Appends", where)
                    .isFalse();
            follower.opened = true;
            replies.reply(LinkMessages.ack(partition, follower.session, 0));
        } else if (message instanceof Append append) {
            append(follower, append, replies, gapAllowed);
        }
        return true;
    }

    private static void open(Follower follower, ReplicaMessage.Open open, PeerReplies replies) {
        int partition = open.partition().partition();
        if (open.session() <= follower.session) {
            replies.reply(LinkMessages.nack(partition, open.session(), NackCode.UNKNOWN_SESSION));
            return;
        }
        follower.dropStaged();
        follower.session = open.session();
        follower.opened = false;
        follower.endOffset = 0;
        follower.replies = replies;
        replies.reply(LinkMessages.state(partition, open.session()));
    }

    /** The order of a partition within a stream, and that nothing in the middle is missing. */
    private void append(Follower follower, Append append, PeerReplies replies, boolean gapAllowed) {
        assertThat(replies).as("%s: a session lives on one stream", where).isSameAs(follower.replies);
        assertThat(follower.opened).as("%s: Append before Truncate", where).isTrue();
        if (append.baseOffset() != follower.endOffset) {
            assertThat(gapAllowed && append.baseOffset() > follower.endOffset)
                    .as("%s: %s at %d", where, append, follower.endOffset)
                    .isTrue();
            append.release();
            replies.reply(LinkMessages.nack(append.partition().partition(), append.session(), NackCode.GAP));
            return;
        }
        follower.staged.addAll(append.chunks());
        follower.endOffset = append.leader().logEndOffset();
        appended++;
    }

    /** The disk took what was staged of one partition. */
    void write(int partition) {
        Follower follower = followers.get(partition);
        if (!follower.staged.isEmpty()) {
            follower.dropStaged();
            follower.replies.reply(LinkMessages.ack(partition, follower.session, follower.endOffset));
        }
    }

    void writeSome(Random random) {
        write(random.nextInt(followers.size()));
    }

    void stop() {
        followers.forEach(Follower::dropStaged);
    }
}
