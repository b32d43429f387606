// SPDX-License-Identifier: Apache-2.0
package io.varve.node.control;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.HeartbeatReply;
import io.varve.metadata.command.MetadataCommand;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;

/** Answers each command as a script says. */
final class ScriptedVoters implements VoterPort {

    final List<Integer> asked = new CopyOnWriteArrayList<>();
    private final Queue<IntFunction<VoterAnswer<ApplyReply>>> script = new ArrayDeque<>(); // guarded by this

    /** @param answer of the next voter that is asked; the last one is repeated */
    synchronized ScriptedVoters then(IntFunction<VoterAnswer<ApplyReply>> answer) {
        script.add(answer);
        return this;
    }

    @Override
    public List<Integer> voters() {
        return List.of(1, 2, 3);
    }

    @Override
    public boolean isActiveHere() {
        return false;
    }

    @Override
    public synchronized CompletableFuture<VoterAnswer<ApplyReply>> execute(int voter, MetadataCommand command) {
        asked.add(voter);
        var next = script.size() > 1 ? script.remove() : script.element();
        return CompletableFuture.completedFuture(next.apply(voter));
    }

    @Override
    public CompletableFuture<VoterAnswer<HeartbeatReply>> heartbeat(int voter, BrokerHeartbeat heartbeat) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void onBroken(IntConsumer listener) {}
}
