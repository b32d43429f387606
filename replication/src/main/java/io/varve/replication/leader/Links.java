// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Which links are up, and which hold too much; outlives every leader epoch. *Confined to the partition loop.* */
final class Links {
    private static final int[] NONE = {};

    private int[] up = NONE; // node ids: they are few, and thousands of replicas know them
    private int[] pressed = NONE;

    void up(int node) {
        up = with(up, node);
        pressed = without(pressed, node);
    }

    void down(int node) {
        up = without(up, node);
        pressed = without(pressed, node);
    }

    void pressed(int node, boolean now) {
        pressed = now ? with(pressed, node) : without(pressed, node);
    }

    boolean isUp(int node) {
        return contains(up, node);
    }

    boolean isPressed(int node) {
        return contains(pressed, node);
    }

    private static boolean contains(int[] nodes, int node) {
        for (int each : nodes) {
            if (each == node) {
                return true;
            }
        }
        return false;
    }

    private static int[] with(int[] nodes, int node) {
        if (contains(nodes, node)) {
            return nodes;
        }
        int[] more = Arrays.copyOf(nodes, nodes.length + 1);
        more[nodes.length] = node;
        return more;
    }

    private static int[] without(int[] nodes, int node) {
        return contains(nodes, node)
                ? IntStream.of(nodes).filter(each -> each != node).toArray()
                : nodes;
    }
}
