// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.storage.EpochEntry;
import io.varve.storage.LogId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Leader and partition epochs never fall, in a process or in the metadata, nor do broker epochs; an epoch chain
 * rises strictly in epochs and never falls in offsets.
 */
final class EpochsNeverFall extends Invariant {
    private final Map<Integer, Long> brokerEpochs = new TreeMap<>();
    private final Map<LogId, PartitionImage> images = new HashMap<>();

    EpochsNeverFall(Evidence evidence) {
        super("I8", evidence);
    }

    @Override
    void touched(ReplicaMirror replica, ReplicaView view) {
        if (view.leaderEpoch() < replica.leaderEpoch || view.partitionEpoch() < replica.partitionEpoch) {
            fail(
                    replica.id(),
                    "node " + replica.node + " fell from leader epoch " + replica.leaderEpoch
                            + " and partition epoch " + replica.partitionEpoch + " to " + view.leaderEpoch() + " and "
                            + view.partitionEpoch());
        }
    }

    @Override
    void elected(ReplicaMirror leader, ReplicaView view) {
        checkChain(leader, view);
    }

    @Override
    void changed(PartitionTruth partition, MetadataImage now) {
        PartitionImage image = Objects.requireNonNull(partition.image);
        PartitionImage before = images.put(partition.id, image);
        if (before != null
                && (image.leaderEpoch() < before.leaderEpoch() || image.partitionEpoch() <= before.partitionEpoch())) {
            fail(partition.id, "the metadata went from " + before + " to " + image);
        }
    }

    @Override
    void committed(MetadataImage now) {
        now.brokers().forEach((id, broker) -> {
            Long before = brokerEpochs.put(id, broker.epoch());
            if (before != null && broker.epoch() < before) {
                fail(null, "broker " + id + " fell from epoch " + before + " to " + broker.epoch());
            }
        });
    }

    @Override
    void full(long round) {
        for (PartitionTruth partition : evidence.partitions()) {
            for (ReplicaMirror replica : partition.replicas.values()) {
                ReplicaView view = evidence.sound(replica);
                if (view != null) {
                    checkChain(replica, view);
                }
            }
        }
    }

    private void checkChain(ReplicaMirror replica, ReplicaView view) {
        List<EpochEntry> chain = view.epochChain();
        for (int i = 1; i < chain.size(); i++) {
            EpochEntry last = chain.get(i - 1);
            EpochEntry next = chain.get(i);
            if (next.leaderEpoch() <= last.leaderEpoch() || next.startOffset() < last.startOffset()) {
                fail(replica.id(), "the epoch chain of node " + replica.node + " falls from " + last + " to " + next);
            }
        }
    }
}
