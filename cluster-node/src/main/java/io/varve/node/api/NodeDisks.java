// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import io.varve.node.peer.PeerChannels;
import io.varve.proto.internal.v1.InspectDiskRequest;
import io.varve.proto.internal.v1.InspectDiskResponse;
import io.varve.proto.internal.v1.InspectionServiceGrpc;
import io.varve.proto.v1.NodeDisk;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** How the nodes' disks are, asked of all of them at once. <i>Thread-safe.</i> */
public final class NodeDisks {

    /** A node that is silent for so long is told without its disk: something worse is told of it elsewhere. */
    public static final Duration PATIENCE = Duration.ofMillis(500);

    private final int nodeId;
    private final Supplier<NodeDisk> own;
    private final PeerQuestions peers;

    /** @param own what this node says of its disk */
    public NodeDisks(int nodeId, Supplier<NodeDisk> own, PeerChannels channels, Duration patience) {
        this.nodeId = nodeId;
        this.own = own;
        this.peers = new PeerQuestions(channels, patience);
    }

    /** By node id, of those that are there to be asked and answer. Never fails. */
    CompletableFuture<Map<Integer, NodeDisk>> of(MetadataImage image) {
        Map<Integer, CompletableFuture<Optional<NodeDisk>>> asked = new TreeMap<>();
        for (BrokerImage broker : image.brokers().values()) {
            if (!broker.fenced() || broker.liveness().directoryOffline()) {
                asked.put(broker.id(), of(broker.id()));
            }
        }
        return CompletableFuture.allOf(asked.values().toArray(CompletableFuture<?>[]::new))
                .thenApply(all -> {
                    Map<Integer, NodeDisk> told = new TreeMap<>();
                    asked.forEach((id, disk) -> disk.join().ifPresent(found -> told.put(id, found)));
                    return told;
                });
    }

    private CompletableFuture<Optional<NodeDisk>> of(int id) {
        if (id == nodeId) {
            return CompletableFuture.completedFuture(Optional.of(own.get()));
        }
        return peers.ask(id, InspectionServiceGrpc.getInspectDiskMethod(), InspectDiskRequest.getDefaultInstance())
                .thenApply(InspectDiskResponse::getDisk)
                .thenApply(Optional::of)
                .exceptionally(silent -> Optional.empty());
    }
}
