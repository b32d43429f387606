// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.metadata.image.MetadataImage;

/**
 * No replica of a deleted topic is made again, written or served by a node that knows of the deletion, and its
 * id never comes back.
 */
final class DeletedTopicsStayDeleted extends Invariant {
    DeletedTopicsStayDeleted(Evidence evidence) {
        super("I21", evidence);
    }

    @Override
    void appending(ReplicaMirror replica, BatchSeen batch) {
        check(replica, "appends " + batch + " to");
    }

    @Override
    void touched(ReplicaMirror replica, ReplicaView view) {
        check(replica, "has");
    }

    @Override
    void changed(PartitionTruth partition, MetadataImage now) {
        if (partition.deleted) {
            fail(partition.id, "the topic was deleted and is back at index " + now.index());
        }
    }

    private void check(ReplicaMirror replica, String what) {
        if (replica.removed) {
            fail(replica.id(), "node " + replica.node + " " + what + " a replica that it deleted");
        } else if (replica.partition.deleted && knowsOfIt(replica)) {
            fail(
                    replica.id(),
                    "node " + replica.node + " " + what + " a replica of a topic that it knows to be deleted");
        }
    }

    private boolean knowsOfIt(ReplicaMirror replica) {
        MetadataImage image = evidence.cluster.appliedBy(replica.node);
        return image != null
                && image.index() >= replica.partition.deletedAtIndex
                && image.topic(replica.id().topicId()).isEmpty();
    }
}
