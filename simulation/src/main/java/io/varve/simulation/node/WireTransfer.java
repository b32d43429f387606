// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.netty.buffer.Unpooled;
import io.varve.replication.link.PeerFrame;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.simulation.client.ClientAnswer;
import io.varve.simulation.client.ClientRequest;
import io.varve.simulation.engine.Transfer;
import io.varve.storage.Chunk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What crosses the network between machines: batches are copied into memory of the receiver, everything else is an immutable value. */
final class WireTransfer implements Transfer {
    private static final int FRAME_BYTES = 80;

    @Override
    public Object deliver(Object payload) {
        if (payload instanceof PeerFrame.Messages frame && holdsChunks(frame)) {
            List<ReplicaMessage> copies = new ArrayList<>(frame.messages().size());
            for (ReplicaMessage message : frame.messages()) {
                copies.add(message instanceof ReplicaMessage.Append append ? copy(append) : message);
            }
            return new PeerFrame.Messages(copies);
        }
        return payload;
    }

    private static boolean holdsChunks(PeerFrame.Messages frame) {
        for (ReplicaMessage message : frame.messages()) {
            if (message instanceof ReplicaMessage.Append append
                    && !append.chunks().isEmpty()) {
                return true;
            }
        }
        return false;
    }

    private static ReplicaMessage copy(ReplicaMessage.Append append) {
        List<Chunk> chunks = new ArrayList<>(append.chunks().size());
        for (Chunk chunk : append.chunks()) {
            ByteBuffer from = chunk.nioBuffer();
            byte[] bytes = new byte[from.remaining()];
            from.get(bytes);
            chunks.add(Chunk.of(Unpooled.wrappedBuffer(bytes)));
        }
        append.release();
        return new ReplicaMessage.Append(
                append.partition(),
                append.leaderEpoch(),
                append.session(),
                append.baseOffset(),
                append.prevEpoch(),
                chunks,
                append.leader());
    }

    @Override
    public void lose(Object payload) {
        if (payload instanceof PeerFrame frame) {
            frame.release();
        }
    }

    @Override
    public int sizeBytes(Object payload) {
        if (payload instanceof PeerFrame.Messages frame) {
            long bytes = FRAME_BYTES;
            for (ReplicaMessage message : frame.messages()) {
                bytes += FRAME_BYTES + (message instanceof ReplicaMessage.Append append ? append.sizeBytes() : 0);
            }
            return (int) bytes;
        } else if (payload instanceof Numbered numbered) {
            return sizeBytes(numbered.body());
        } else if (payload instanceof ClientRequest request) {
            return request.sizeBytes();
        } else if (payload instanceof ClientAnswer answer) {
            return answer.sizeBytes();
        }
        return FRAME_BYTES;
    }

    /** A request or its answer. */
    record Numbered(long number, Object body) {
        @Override
        public String toString() {
            return "#" + number + " " + body;
        }
    }
}
