// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.varve.node.peer.PeerChannels;
import io.varve.proto.ErrorReasons;
import io.varve.proto.internal.v1.ReadSettingsRequest;
import io.varve.proto.internal.v1.ReadSettingsResponse;
import io.varve.proto.internal.v1.SettingsServiceGrpc;
import io.varve.proto.v1.ConfigValue;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** What nodes were started with: this one, or another that is asked over its peer port. <i>Thread-safe.</i> */
public final class NodeSettings {

    private final int nodeId;
    private final List<ConfigValue> own;
    private final PeerQuestions peers;

    /** @param patience how long another node may take to answer */
    public NodeSettings(int nodeId, List<ConfigValue> own, PeerChannels channels, Duration patience) {
        this.nodeId = nodeId;
        this.own = List.copyOf(own);
        this.peers = new PeerQuestions(channels, patience);
    }

    /** Fails with what the caller is to be told. */
    CompletableFuture<List<ConfigValue>> of(int node) {
        if (node == nodeId) {
            return CompletableFuture.completedFuture(own);
        }
        return peers.ask(node, SettingsServiceGrpc.getReadSettingsMethod(), ReadSettingsRequest.getDefaultInstance())
                .thenApply(ReadSettingsResponse::getConfigsList)
                .exceptionally(failure -> {
                    throw silent(node, failure.getCause() == null ? failure : failure.getCause());
                });
    }

    private static RuntimeException silent(int node, Throwable cause) {
        return ErrorReasons.toStatus(ErrorReasons.error(
                ErrorReason.ERROR_REASON_NETWORK_EXCEPTION,
                "node %d does not tell its settings: %s".formatted(node, cause.getMessage()),
                "varve broker list shows whether it is alive",
                Outcome.OUTCOME_NOT_APPLIED,
                Map.of("broker", Integer.toString(node))));
    }
}
