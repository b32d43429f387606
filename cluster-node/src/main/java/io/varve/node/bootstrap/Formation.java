// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.metadata.ratis.VoterId;
import io.varve.node.bootstrap.StartFailure.Reason;
import io.varve.node.config.NodeConfig;
import io.varve.node.config.VoterAddress;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Which voters the metadata quorum begins with, as whoever formats a node says. <i>Immutable.</i>
 *
 * @param voters of {@link Kind#GIVEN}; else empty
 */
public record Formation(Kind kind, List<VoterId> voters) {

    /** What was said. */
    public enum Kind {
        /** {@code quorum.voters}, with directory ids that every node works out alike; a sole voter's is random. */
        DERIVED,
        /** All voters with their directory ids. */
        GIVEN,
        /** This node does not vote, even if it is one of {@code quorum.voters}. */
        NONE
    }

    public Formation {
        voters = List.copyOf(voters);
    }

    public static Formation derived() {
        return new Formation(Kind.DERIVED, List.of());
    }

    public static Formation none() {
        return new Formation(Kind.NONE, List.of());
    }

    public static Formation given(List<VoterId> voters) {
        return new Formation(Kind.GIVEN, voters);
    }

    /** Fails unless all nodes can come to the same cluster id and voters. */
    void check(NodeConfig config, Optional<UUID> clusterId) throws StartFailure {
        if (clusterId.isEmpty() && !isSole(config)) {
            throw new StartFailure(
                    Reason.USAGE,
                    "node %d is not the only voter of its cluster, but no cluster id was given"
                            .formatted(config.identity().id()),
                    "give all nodes the same --cluster-id");
        }
        if (kind == Kind.GIVEN) {
            var given = voters.stream().map(VoterId::nodeId).collect(Collectors.toSet());
            var listed =
                    config.quorum().voters().stream().map(VoterAddress::nodeId).collect(Collectors.toSet());
            if (!given.equals(listed)) {
                throw new StartFailure(
                        Reason.USAGE,
                        "--initial-voters names the nodes %s, but quorum.voters the nodes %s"
                                .formatted(sorted(given), sorted(listed)),
                        "name the same nodes in both");
            }
        }
    }

    private static List<Integer> sorted(java.util.Set<Integer> ids) {
        return ids.stream().sorted().toList();
    }

    /** The directory id that the node must have; empty for one of its own choice. */
    Optional<UUID> directoryId(NodeConfig config, Optional<UUID> clusterId) {
        int self = config.identity().id();
        return switch (kind) {
            case NONE -> Optional.empty();
            case GIVEN ->
                voters.stream()
                        .filter(v -> v.nodeId() == self)
                        .map(VoterId::directoryId)
                        .findFirst();
            case DERIVED ->
                config.quorum().isVoter(self) && !isSole(config)
                        ? clusterId.map(id -> VoterId.derived(id, self).directoryId())
                        : Optional.empty();
        };
    }

    /** The voters as a directory with these ids knows them. */
    List<VoterId> voters(NodeConfig config, UUID clusterId, UUID directoryId) {
        return switch (kind) {
            case NONE -> List.of();
            case GIVEN -> voters;
            case DERIVED ->
                isSole(config)
                        ? List.of(new VoterId(config.identity().id(), directoryId))
                        : config.quorum().voters().stream()
                                .map(v -> VoterId.derived(clusterId, v.nodeId()))
                                .toList();
        };
    }

    private static boolean isSole(NodeConfig config) {
        return config.quorum().voters().size() == 1
                && config.quorum().isVoter(config.identity().id());
    }
}
