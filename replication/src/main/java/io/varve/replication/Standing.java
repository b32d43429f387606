// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

/** What a replica does at the moment, and what it tells those whom it does not serve. *Confined to the partition loop.* */
final class Standing {
    private final String partition;
    private PartitionStatus.State state = PartitionStatus.State.IDLE;
    private String trouble = ""; // why it is not, or no longer, healthy

    Standing(String partition) {
        this.partition = partition;
    }

    void become(PartitionStatus.State next, String why) {
        state = next;
        trouble = why;
    }

    PartitionStatus.State state() {
        return state;
    }

    String trouble() {
        return trouble;
    }

    boolean isLeading() {
        return state == PartitionStatus.State.LEADING;
    }

    /** Takes no event any more. */
    boolean isStopped() {
        return state == PartitionStatus.State.CLOSED || state == PartitionStatus.State.FAILED;
    }

    /** For an append or a reader that came while the replica does not lead. */
    RejectReason refusal() {
        return switch (state) {
            case STARTING -> RejectReason.LEADER_NOT_AVAILABLE;
            case FAILED -> RejectReason.KAFKA_STORAGE_ERROR;
            case CLOSED -> RejectReason.NETWORK_EXCEPTION;
            case IDLE, LEADING, RESIGNED -> RejectReason.NOT_LEADER_OR_FOLLOWER;
        };
    }

    String sentence() {
        if (state == PartitionStatus.State.STARTING) {
            return "partition " + partition + ": its leader is starting";
        }
        return "partition " + partition + ": " + (trouble.isEmpty() ? "not led by this node" : trouble);
    }
}
