// SPDX-License-Identifier: Apache-2.0
package io.varve.node;

import io.varve.node.bootstrap.Formation;
import io.varve.node.bootstrap.NodeFormat;
import io.varve.node.bootstrap.StartFailure;
import io.varve.node.bootstrap.StartFailure.Reason;
import io.varve.node.config.NodeConfig;
import io.varve.proto.Uuids;
import io.varve.storage.DirectoryIdentity;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code varve node format}: gives an empty directory its identity. */
@Command(
        name = "format",
        description = "Prepares the node's empty directory: once, before the first run.",
        mixinStandardHelpOptions = true)
final class FormatCommand implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    private ConfigFileOption config;

    @Option(
            names = "--cluster-id",
            paramLabel = "ID",
            description = "the cluster to join; a new one is made up if absent")
    private @Nullable String clusterId;

    @Option(names = "--standalone", description = "the node is the only voter of its cluster (the default)")
    private boolean standalone;

    @Option(
            names = "--initial-voters",
            paramLabel = "ID@HOST:PORT:DIRID,...|derived|none",
            description = "the voters that a new cluster begins with; derived: those in quorum.voters, with directory"
                    + " ids that every node works out alike (the default); none: this node does not vote")
    private @Nullable String initialVoters;

    @Option(names = "--ignore-formatted", description = "succeed if the directory is formatted for this node already")
    private boolean ignoreFormatted;

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws StartFailure {
        NodeConfig node = config.load().config();
        Formation formation = InitialVoter.formation(initialVoters, standalone, node.quorum());
        String cluster = clusterId == null ? node.cluster().clusterId() : clusterId;
        DirectoryIdentity identity = NodeFormat.format(
                node,
                cluster.isEmpty() ? Optional.empty() : Optional.of(clusterId(cluster)),
                formation,
                ignoreFormatted);
        var out = spec.commandLine().getOut();
        out.printf(
                "formatted %s: cluster %s, node %d, directory %s, %s%n",
                node.storage().directory(),
                Uuids.toText(identity.clusterId()),
                identity.nodeId(),
                Uuids.toText(identity.directoryId()),
                NodeFormat.votes(node) ? "a voter" : "without a vote");
        out.flush();
        return 0;
    }

    private static UUID clusterId(String id) throws StartFailure {
        try {
            return Uuids.fromText(id);
        } catch (IllegalArgumentException e) {
            throw new StartFailure(
                    Reason.USAGE, "--cluster-id: " + e.getMessage(), "leave --cluster-id out for a new cluster");
        }
    }
}
