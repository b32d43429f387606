// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import java.util.List;
import java.util.stream.Collectors;

/** Sets of nodes in tables. Stateless. */
public final class NodeIds {
    private NodeIds() {}

    public static String text(List<Integer> nodes) {
        return nodes.isEmpty() ? "-" : nodes.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
