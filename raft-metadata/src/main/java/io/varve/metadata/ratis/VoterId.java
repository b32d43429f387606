// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import io.varve.proto.Uuids;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** One voter: a node with a disk. Another disk is another voter. *Immutable.* Written {@code NODE@DIRECTORY}. */
public record VoterId(int nodeId, UUID directoryId) {

    /**
     * The voter that a node is in a quorum whose nodes each format their own empty directory, with nobody to tell them
     * what the others chose: the same on every node that asks.
     */
    public static VoterId derived(UUID clusterId, int nodeId) {
        var name = "varve voter " + clusterId + " " + nodeId;
        return new VoterId(nodeId, UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)));
    }

    static VoterId parse(String text) {
        int at = text.indexOf('@');
        return new VoterId(
                Integer.parseInt(text.substring(0, Math.max(at, 0))), Uuids.fromText(text.substring(at + 1)));
    }

    @Override
    public String toString() {
        return nodeId + "@" + Uuids.toText(directoryId);
    }
}
