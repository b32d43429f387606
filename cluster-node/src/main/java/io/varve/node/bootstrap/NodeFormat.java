// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.metadata.ratis.RaftDirectory;
import io.varve.metadata.ratis.RaftFormat;
import io.varve.metadata.ratis.RaftIdentity;
import io.varve.metadata.ratis.RaftStartException;
import io.varve.node.bootstrap.StartFailure.Reason;
import io.varve.node.config.NodeConfig;
import io.varve.proto.Uuids;
import io.varve.storage.DataDirectory;
import io.varve.storage.DirectoryIdentity;
import io.varve.storage.StorageException;
import io.varve.storage.file.FileStore;
import io.varve.storage.file.RealFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/** Gives a node's directories their identity, once. A second time finishes a first one that was cut short. */
public final class NodeFormat {

    private static final FileStore FILES = new RealFiles();

    private NodeFormat() {}

    /**
     * Formats the directories of the configuration.
     *
     * @param clusterId to join; none for a new cluster of this node alone
     * @param formation who votes in it
     * @return what the directories now are
     * @throws StartFailure USAGE if the formation does not fit the configuration; ALREADY_FORMATTED, unless {@code again} allows it; INCONSISTENT_CLUSTER_ID or
     *     INCONSISTENT_NODE_ID if they were formatted as something else
     */
    public static DirectoryIdentity format(
            NodeConfig config, Optional<UUID> clusterId, Formation formation, boolean again) throws StartFailure {
        Path directory = config.storage().directory();
        try {
            Optional<DirectoryIdentity> existing = identify(directory);
            if (existing.isPresent()) {
                DirectoryIdentity identity = existing.get();
                requireSame(directory, identity, config, clusterId);
                formatRaft(config, identity, formation);
                if (!again) {
                    throw new StartFailure(
                            Reason.ALREADY_FORMATTED,
                            "the directory %s is formatted already, for node %d of cluster %s"
                                    .formatted(directory, identity.nodeId(), Uuids.toText(identity.clusterId())),
                            "start the node with: varve node run; or set another directory in storage.directories");
                }
                return identity;
            }
            formation.check(config, clusterId);
            DirectoryIdentity identity = new DirectoryIdentity(
                    clusterId.orElseGet(Uuids::random),
                    config.identity().id(),
                    formation.directoryId(config, clusterId).orElseGet(Uuids::random),
                    DirectoryIdentity.FORMAT_VERSION);
            DataDirectory.format(FILES, directory, identity);
            formatRaft(config, identity, formation);
            return identity;
        } catch (StorageException e) {
            throw StorageFailures.toStartFailure(directory, e);
        }
    }

    private static Optional<DirectoryIdentity> identify(Path directory) throws StorageException {
        try {
            return Optional.of(DataDirectory.identify(FILES, directory));
        } catch (StorageException e) {
            if (e.kind() == StorageException.Kind.NOT_FORMATTED) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static void requireSame(
            Path directory, DirectoryIdentity identity, NodeConfig config, Optional<UUID> clusterId)
            throws StartFailure {
        Identities.requireNode(directory, identity, config.identity().id());
        if (clusterId.isPresent()) {
            Identities.requireCluster(directory, identity, Uuids.toText(clusterId.get()));
        }
        Identities.requireCluster(directory, identity, config.cluster().clusterId());
    }

    /** Whether the node's Raft directory is that of a voter. */
    public static boolean votes(NodeConfig config) throws StartFailure {
        return raftFormat(config).map(RaftFormat::votes).orElse(false);
    }

    /** What the node's Raft directory was formatted as; empty if it never was. */
    static Optional<RaftFormat> raftFormat(NodeConfig config) throws StartFailure {
        Path directory = config.storage().raftDirectory();
        try {
            return RaftDirectory.formatOf(directory);
        } catch (RaftStartException e) {
            throw RaftFailures.toStartFailure(directory, e);
        } catch (IOException e) {
            throw new StartFailure(
                    Reason.DIRECTORY_UNUSABLE,
                    "cannot read the raft directory %s: %s".formatted(directory, e.getMessage()),
                    "make it a directory that this user may read",
                    e);
        }
    }

    /** A directory that was formatted for this node stays what it is, so that a vote once lost is not given again. */
    private static void formatRaft(NodeConfig config, DirectoryIdentity identity, Formation formation)
            throws StartFailure {
        Optional<RaftFormat> present = raftFormat(config);
        if (present.isPresent() && present.get().identity().equals(raftIdentity(identity))) {
            return;
        }
        Path directory = config.storage().raftDirectory();
        try {
            RaftDirectory.format(
                    directory,
                    raftIdentity(identity),
                    formation.voters(config, identity.clusterId(), identity.directoryId()));
        } catch (RaftStartException e) {
            throw RaftFailures.toStartFailure(directory, e);
        } catch (IOException e) {
            throw new StartFailure(
                    Reason.DIRECTORY_UNUSABLE,
                    "cannot format the raft directory %s: %s".formatted(directory, e.getMessage()),
                    "make it a directory that this user may write to",
                    e);
        }
    }

    static RaftIdentity raftIdentity(DirectoryIdentity identity) {
        return new RaftIdentity(identity.clusterId(), identity.nodeId(), identity.directoryId());
    }
}
