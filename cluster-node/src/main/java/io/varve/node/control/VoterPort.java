// SPDX-License-Identifier: Apache-2.0
package io.varve.node.control;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.HeartbeatReply;
import io.varve.metadata.command.MetadataCommand;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;

/** The voters, one at a time, whoever of them is the active controller. <i>Thread-safe.</i> Futures never fail. */
public interface VoterPort {

    /** Their node ids, in the order in which this node asks them: itself first if it is one. */
    List<Integer> voters();

    /** Whether this node is the active controller. May be out of date the moment it is read. */
    boolean isActiveHere();

    /** Asks once, without a second try. The image of this node may not have the reply's index yet. */
    CompletableFuture<VoterAnswer<ApplyReply>> execute(int voter, MetadataCommand command);

    /** Sends a sign of life on the stream to this voter, which is opened when there is none. */
    CompletableFuture<VoterAnswer<HeartbeatReply>> heartbeat(int voter, BrokerHeartbeat heartbeat);

    /** The listener hears on an event loop when the stream of heartbeats to a voter is gone: the voter may be too. */
    void onBroken(IntConsumer listener);
}
