// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import java.util.TreeSet;

/** Which links are up, and which hold too much; outlives every leader epoch. *Confined to the partition loop.* */
final class Links {
    private final TreeSet<Integer> up = new TreeSet<>();
    private final TreeSet<Integer> pressed = new TreeSet<>();

    void up(int node) {
        up.add(node);
        pressed.remove(node);
    }

    void down(int node) {
        up.remove(node);
        pressed.remove(node);
    }

    void pressed(int node, boolean now) {
        if (now) {
            pressed.add(node);
        } else {
            pressed.remove(node);
        }
    }

    boolean isUp(int node) {
        return up.contains(node);
    }

    boolean isPressed(int node) {
        return pressed.contains(node);
    }
}
