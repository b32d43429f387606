// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One simulated directory twice: as programs see it, and as the disk has it. A rename is one change: it never shows half.
 *
 * <p><i>confined to the {@code SimFs} lock</i>
 */
final class SimFolder implements SimNode {
    private record Change(
            @Nullable String removed,
            @Nullable String added,
            @Nullable SimNode node) {
        void applyTo(NavigableMap<String, SimNode> names) {
            if (removed != null) {
                names.remove(removed);
            }
            if (added != null && node != null) {
                names.put(added, node);
            }
        }
    }

    private final NavigableMap<String, SimNode> seen = new TreeMap<>();
    private final NavigableMap<String, SimNode> disk = new TreeMap<>();
    private final List<Change> pending = new ArrayList<>();

    @Nullable
    SimNode get(String name) {
        return seen.get(name);
    }

    /** Sorted by name. */
    NavigableMap<String, SimNode> names() {
        return seen;
    }

    void add(String name, SimNode node) {
        change(new Change(null, name, node));
    }

    void remove(String name) {
        change(new Change(name, null, null));
    }

    void rename(String from, String to) {
        change(new Change(from, to, seen.get(from)));
    }

    private void change(Change change) {
        change.applyTo(seen);
        pending.add(change);
    }

    /** Durable without a force, as if it had always been there. */
    void put(String name, SimNode node) {
        seen.put(name, node);
        disk.put(name, node);
    }

    void force() {
        pending.forEach(change -> change.applyTo(disk));
        pending.clear();
    }

    /** Whether a power loss may change it. */
    boolean isDirty() {
        return !pending.isEmpty();
    }

    /** Of changes that were not forced, any are left. */
    void losePower(SplittableRandom random) {
        for (Change change : pending) {
            if (random.nextBoolean()) {
                change.applyTo(disk);
            }
        }
        pending.clear();
        seen.clear();
        seen.putAll(disk);
    }

    /** Everything below as programs see it, durable, in nodes of its own; contents are shared until they change. */
    SimFolder copy() {
        SimFolder copy = new SimFolder();
        seen.forEach(
                (name, node) -> copy.put(name, node instanceof SimFile file ? file.copy() : ((SimFolder) node).copy()));
        return copy;
    }
}
