// SPDX-License-Identifier: Apache-2.0
package io.varve.node.broker;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.HeartbeatReply;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.CommandResult.BrokerRegistered;
import io.varve.node.control.VoterAnswer;
import io.varve.node.control.VoterPort;
import io.varve.proto.v1.ErrorReason;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntConsumer;

/** Answers registrations and signs of life; everything else is not expected. */
final class FakeVoters implements VoterPort {

    final List<RegisterBroker> registrations = new CopyOnWriteArrayList<>();
    final List<BrokerHeartbeat> heartbeats = new CopyOnWriteArrayList<>();
    final List<Integer> asked = new CopyOnWriteArrayList<>();
    volatile List<Integer> voters = List.of(1);
    volatile IntConsumer broken = voter -> {};

    /** Whether this node, 1, is the active controller; else the answer is a hint at the other one. */
    volatile int active = 1;

    /** Nobody answers, and streams break. */
    volatile boolean unreachable;

    /** Refuses everything from now on. */
    volatile Optional<ErrorReason> refusal = Optional.empty();

    @Override
    public List<Integer> voters() {
        return voters;
    }

    @Override
    public boolean isActiveHere() {
        return active == 1;
    }

    @Override
    public CompletableFuture<VoterAnswer<ApplyReply>> execute(int voter, MetadataCommand command) {
        registrations.add((RegisterBroker) command.body());
        return answer(voter, new ApplyReply(42, 1, new BrokerRegistered(42)));
    }

    @Override
    public CompletableFuture<VoterAnswer<HeartbeatReply>> heartbeat(int voter, BrokerHeartbeat heartbeat) {
        heartbeats.add(heartbeat);
        return answer(voter, new HeartbeatReply(1, false, false));
    }

    private <T> CompletableFuture<VoterAnswer<T>> answer(int voter, T given) {
        asked.add(voter);
        VoterAnswer<T> answer;
        if (unreachable) {
            answer = new VoterAnswer.Unreachable<>(false, "as the test wants");
        } else if (voter != active) {
            answer = refused(ErrorReason.ERROR_REASON_NOT_CONTROLLER);
        } else if (refusal.isPresent()) {
            answer = refused(refusal.get());
        } else {
            answer = new VoterAnswer.Given<>(given);
        }
        return CompletableFuture.completedFuture(answer);
    }

    private <T> VoterAnswer<T> refused(ErrorReason reason) {
        return new VoterAnswer.Refused<>(MetadataRejection.notApplied(reason, "as the test wants"), active);
    }

    @Override
    public void onBroken(IntConsumer listener) {
        broken = listener;
    }
}
