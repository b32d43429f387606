// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Keeps what a link did to the world. */
final class RecordingLinkPort implements PeerLinkPort {
    private record Written(PeerStream kind, long streamId, PeerFrame frame) {}

    final List<String> dialled = new ArrayList<>();
    final List<Long> disconnected = new ArrayList<>();
    final List<String> said = new ArrayList<>();
    final List<ReplicaMessage.ToLeader> delivered = new ArrayList<>();
    private final List<Written> written = new ArrayList<>();
    private final Map<PeerStream, Long> ids = new LinkedHashMap<>();

    long id(PeerStream kind) {
        return ids.getOrDefault(kind, 0L);
    }

    PeerFrame.Hello hello(PeerStream kind) {
        return frames(kind, PeerFrame.Hello.class).get(0);
    }

    List<PeerFrame.Pulse> pulses() {
        return frames(PeerStream.CONTROL, PeerFrame.Pulse.class);
    }

    List<ReplicaMessage> messages(PeerStream kind) {
        List<ReplicaMessage> messages = new ArrayList<>();
        frames(kind, PeerFrame.Messages.class).forEach(frame -> messages.addAll(frame.messages()));
        return messages;
    }

    private <F extends PeerFrame> List<F> frames(PeerStream kind, Class<F> type) {
        return written.stream()
                .filter(one -> one.kind() == kind && type.isInstance(one.frame()))
                .map(one -> type.cast(one.frame()))
                .toList();
    }

    void releaseAll() {
        written.forEach(one -> one.frame().release());
        written.clear();
    }

    @Override
    public void connect(PeerStream kind, long streamId) {
        dialled.add(kind + " " + streamId);
        ids.put(kind, streamId);
    }

    @Override
    public void write(PeerStream kind, long streamId, PeerFrame frame) {
        written.add(new Written(kind, streamId, frame));
    }

    @Override
    public void disconnect(PeerStream kind, long streamId) {
        disconnected.add(streamId);
    }

    @Override
    public void deliver(ReplicaMessage.ToLeader message) {
        delivered.add(message);
    }

    @Override
    public void linkUp() {
        said.add("up");
    }

    @Override
    public void linkDown(String why) {
        said.add("down: " + why);
    }

    @Override
    public void linkHeard() {
        said.add("heard");
    }

    @Override
    public void pressed(boolean pressed) {
        said.add(pressed ? "pressed" : "released");
    }
}
