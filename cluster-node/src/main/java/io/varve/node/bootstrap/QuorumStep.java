// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.metadata.MetadataQuorum;
import io.varve.metadata.ratis.RaftIdentity;
import io.varve.metadata.ratis.RaftSettings;
import io.varve.metadata.ratis.RaftStartException;
import io.varve.metadata.ratis.RatisQuorum;
import io.varve.node.config.HostPort;
import io.varve.node.config.NodeConfig;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** This node's voter of the metadata quorum. */
final class QuorumStep implements NodeStep {

    private final NodeConfig config;
    private final AddressesStep addresses;
    private final DataDirectoryStep data;
    private @Nullable MetadataQuorum quorum;

    QuorumStep(NodeConfig config, AddressesStep addresses, DataDirectoryStep data) {
        this.config = config;
        this.addresses = addresses;
        this.data = data;
    }

    @Override
    public String name() {
        return "metadata quorum";
    }

    @Override
    public void start() throws StartFailure {
        HostPort bind = addresses.raft();
        RaftIdentity identity = NodeFormat.raftIdentity(data.directory().identity());
        RaftSettings settings = new RaftSettings(
                identity,
                config.storage().raftDirectory(),
                bind.host(),
                bind.port(),
                List.of(new RaftSettings.Voter(identity.nodeId(), identity.directoryId(), bind.host(), bind.port())),
                RaftSettings.Tuning.DEFAULT);
        try {
            quorum = RatisQuorum.start(settings);
        } catch (RaftStartException e) {
            throw RaftFailures.toStartFailure(config.storage().raftDirectory(), e);
        }
    }

    MetadataQuorum quorum() {
        return Objects.requireNonNull(quorum);
    }

    @Override
    public void stop() {
        if (quorum != null) {
            quorum.close();
        }
    }
}
