// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.runtime;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.CommandDoor;
import io.varve.metadata.HeartbeatReply;
import io.varve.metadata.MetadataQuorum;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.controller.CommandPort;
import io.varve.metadata.controller.ControllerSettings;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * The controller of this voter, on a thread of its own. *Thread-safe.*
 *
 * <p>Every future fails with a {@link MetadataRejection} when the call failed as a whole: {@code NOT_CONTROLLER} while
 * this node is not the active controller, outcome INDETERMINATE if it stopped being it while the call was under way.
 * Callbacks run on the controller's loop: do not block.
 */
public final class ControllerLoop implements CommandDoor, AutoCloseable {

    private final MetadataQuorum quorum;
    private final ControllerThread thread;

    private ControllerLoop(MetadataQuorum quorum, int nodeId, ControllerSettings settings, NodeReach nodes) {
        this.quorum = quorum;
        this.thread = new ControllerThread(quorum, nodeId, UUID.randomUUID(), settings, nodes);
    }

    /** Starts it; it becomes active by itself whenever this node's voter leads. */
    public static ControllerLoop start(
            MetadataQuorum quorum, int nodeId, ControllerSettings settings, NodeReach nodes) {
        var loop = new ControllerLoop(quorum, nodeId, settings, nodes);
        loop.thread.start();
        return loop;
    }

    /** Whether this node is the active controller. May be out of date the moment it is read. */
    public boolean isActive() {
        return thread.isActive();
    }

    /** The node that this voter takes for the active controller; 0 for nobody. */
    public int hint() {
        return quorum.leader().nodeId();
    }

    /**
     * Notes a sign of life, and unfences a node that has caught up with its own registration. {@code
     * STALE_BROKER_EPOCH}: the node was registered again since. Completes at once; the unfencing comes by the image.
     */
    public CompletableFuture<HeartbeatReply> heartbeat(BrokerHeartbeat heartbeat) {
        return thread.heartbeat(heartbeat);
    }

    /** The stream that brought this registration's heartbeats is gone. */
    public void heartbeatsBrokeOff(BrokerRef broker) {
        thread.heartbeatsBrokeOff(broker);
    }

    @Override
    public CompletableFuture<ApplyReply> execute(MetadataCommand command) {
        var future = new CompletableFuture<ApplyReply>();
        thread.execute(command, new CommandPort.Completion() {
            @Override
            public void applied(ApplyReply reply) {
                future.complete(reply);
            }

            @Override
            public void failed(MetadataRejection rejection) {
                future.completeExceptionally(rejection);
            }
        });
        return future;
    }

    /** Stops deciding; what is under way fails. Idempotent. */
    @Override
    public void close() {
        thread.close();
    }
}
