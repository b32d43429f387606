// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.partition;

import java.util.List;
import java.util.stream.Collectors;

/** Sets of nodes in tables. Stateless. */
final class NodeIds {
    private NodeIds() {}

    static String text(List<Integer> nodes) {
        return nodes.isEmpty() ? "-" : nodes.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
