// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.broker;

import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a movement of the metadata means for the replicas of one node. *Immutable.*
 *
 * @param changes per partition, in the order in which they must be done: a deletion comes before what replaces it
 * @param changedMembers nodes that were registered, fenced, unfenced or began to leave; if there are any, every hosted
 *     partition must hear who the members are now, also those without a change of their own (P19, P20)
 */
public record RoleUpdate(List<RoleChange> changes, SortedSet<Integer> changedMembers) {

    public RoleUpdate {
        changes = List.copyOf(changes);
        changedMembers = Collections.unmodifiableSortedSet(new TreeSet<>(changedMembers));
    }

    public boolean membersChanged() {
        return !changedMembers.isEmpty();
    }
}
