// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.broker;

import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.ReplicaId;

/** What a node must do with one of its replicas. *Immutable.* */
public sealed interface RoleChange {

    ReplicaId replica();

    /** Be there, and do not lead. Leading in an earlier epoch ends: what waits in it fails (P5). */
    record Hold(ReplicaId replica, PartitionImage state) implements RoleChange {}

    /** Lead in the state's leader epoch; if that is the present one, only the state changes. */
    record Lead(ReplicaId replica, PartitionImage state) implements RoleChange {}

    /** The metadata removed it in so many words: its files go. */
    record Delete(ReplicaId replica) implements RoleChange {}

    /** A whole image does not know it: its files are put aside, because an image may also be a wrong one. */
    record SetAside(ReplicaId replica) implements RoleChange {}
}
