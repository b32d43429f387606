// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import io.varve.metadata.image.ReplicaReport;

/** What came of asking a node about its copy of a partition (P31). *Immutable.* */
public sealed interface ReplicaAnswer {

    /** What it has. */
    record Report(ReplicaReport report) implements ReplicaAnswer {}

    /** Nobody said anything, or nothing yet: worth asking again. */
    record Unreachable() implements ReplicaAnswer {}

    /**
     * The node is there, and its copy is of no use until it starts again: as if it had registered it as damaged (P34).
     *
     * @param why for people
     */
    record Unusable(String why) implements ReplicaAnswer {}
}
