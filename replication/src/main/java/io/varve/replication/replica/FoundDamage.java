// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import io.varve.replication.DamageException;
import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.PartitionState;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a read or the scrub found wrong of a copy that is in use (P34). It gives way when another one has everything; whoever has no other copy has more use
 * of one that lacks a batch than of none, and every read of that batch is refused. *Confined to the loop.*
 */
final class FoundDamage {
    private final String partition;
    private final int nodeId;
    private @Nullable String detail;

    FoundDamage(String partition, int nodeId) {
        this.partition = partition;
        this.nodeId = nodeId;
    }

    void found(String what) {
        detail = what;
    }

    /** Throws what stops the replica, if there is damage and another copy. */
    void giveWay(@Nullable PartitionState state, @Nullable Members members) {
        if (detail != null && isElsewhere(state, members)) {
            throw new DamageException("partition " + partition + ": its copy is damaged: " + detail);
        }
    }

    /** Whether another node that lives is known to have everything. */
    boolean isElsewhere(@Nullable PartitionState state, @Nullable Members members) {
        return state != null
                && members != null
                && Stream.concat(state.isr().stream(), state.elr().stream())
                        .anyMatch(node -> node != nodeId && members.isEligible(node));
    }

    /** What is wrong with the replica, which is something else if this is not. */
    String orElse(String otherTrouble) {
        return detail == null
                ? otherTrouble
                : "its copy is damaged, and no other one that is in sync is there to take over: " + detail;
    }
}
