// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The replicas of a loop, and what concerns all of them: the state of the links, which one that comes later must know, too. *Confined to the partition loop.* */
final class LoopReplicas {
    private final Set<ReplicaShell> replicas = new LinkedHashSet<>();
    private final Set<Integer> up = new TreeSet<>();
    private final Set<Integer> pressed = new TreeSet<>();
    private boolean isolated;
    private @Nullable String diskFull;

    void add(ReplicaShell replica) {
        replicas.add(replica);
        up.forEach(replica::linkUp);
        pressed.forEach(node -> replica.linkPressed(node, true));
        if (isolated) {
            replica.isolated(true);
        }
        if (diskFull != null) {
            replica.diskFull(diskFull);
        }
    }

    void remove(ReplicaShell replica) {
        replicas.remove(replica);
    }

    void linkUp(int node) {
        up.add(node);
        each(replica -> replica.linkUp(node));
    }

    void linkDown(int node) {
        up.remove(node);
        pressed.remove(node);
        each(replica -> replica.linkDown(node));
    }

    void linkHeard(int node) {
        each(replica -> replica.linkHeard(node));
    }

    void linkPressed(int node, boolean now) {
        if (now) {
            pressed.add(node);
        } else {
            pressed.remove(node);
        }
        each(replica -> replica.linkPressed(node, now));
    }

    void isolated(boolean now) {
        isolated = now;
        each(replica -> replica.isolated(now));
    }

    void diskFull(@Nullable String why) {
        diskFull = why;
        each(replica -> replica.diskFull(why));
    }

    private void each(Consumer<ReplicaShell> event) {
        for (ReplicaShell replica : replicas) {
            event.accept(replica);
        }
    }
}
