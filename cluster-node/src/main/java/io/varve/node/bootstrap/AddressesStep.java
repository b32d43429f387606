// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.node.config.HostPort;
import io.varve.node.config.ListenerConfig;
import io.varve.node.config.NetworkConfig;
import io.varve.node.config.NodeConfig;
import io.varve.node.config.QuorumConfig;
import io.varve.node.config.VoterAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at every address before anything else is touched, so that a port in use is told at once and not after the
 * recovery of all logs. Chooses the ports that the configuration leaves open: nodes register their addresses before
 * they listen.
 */
final class AddressesStep implements NodeStep {

    private static final Logger LOG = LoggerFactory.getLogger(AddressesStep.class);

    private final NodeConfig config;
    private final List<ListenerConfig> listeners = new ArrayList<>();
    private HostPort raft;
    private HostPort peer;
    private HostPort peerAdvertised;

    AddressesStep(NodeConfig config) {
        this.config = config;
        this.raft = config.network().raftBind();
        this.peer = config.network().peerBind();
        this.peerAdvertised = config.network().peerAdvertised();
    }

    @Override
    public String name() {
        return "addresses";
    }

    @Override
    public void start() throws StartFailure {
        NetworkConfig network = config.network();
        if (isVoter()) {
            raft = checked("raft.bind", network.raftBind());
        }
        peer = checked("peer.bind", network.peerBind());
        peerAdvertised = withPort(network.peerAdvertised(), peer);
        warnUnlessResolvable("peer.advertised", peerAdvertised, "other nodes");
        for (ListenerConfig listener : network.listeners()) {
            String setting = "listeners." + listener.name();
            HostPort bind = checked(setting, listener.bind());
            HostPort advertised = listener.advertised();
            warnUnlessResolvable(setting, advertised, "clients");
            listeners.add(new ListenerConfig(listener.name(), bind, withPort(advertised, bind)));
        }
    }

    /** With every port decided. */
    List<ListenerConfig> listeners() {
        return List.copyOf(listeners);
    }

    /** With the port decided; on a node that is no voter, as configured. */
    HostPort raft() {
        return raft;
    }

    /** Where this node listens for other nodes, with the port decided. */
    HostPort peer() {
        return peer;
    }

    /** What other nodes are told, with the port decided. */
    HostPort peerAdvertised() {
        return peerAdvertised;
    }

    /** The voters, this node's own entry with the ports decided. */
    QuorumConfig quorum() {
        return new QuorumConfig(config.quorum().voters().stream()
                .map(v -> v.nodeId() == config.identity().id()
                        ? new VoterAddress(v.nodeId(), withPort(v.raft(), raft), withPort(v.peer(), peer))
                        : v)
                .toList());
    }

    /** Whether this node keeps the metadata too. */
    boolean isVoter() {
        return config.quorum().isVoter(config.identity().id());
    }

    private static HostPort withPort(HostPort address, HostPort bound) {
        return address.port() == 0 ? address.withPort(bound.port()) : address;
    }

    @Override
    public void stop() {
        // nothing is held
    }

    private static HostPort checked(String setting, HostPort address) throws StartFailure {
        if (address.port() != 0) {
            Addresses.requireFree(setting, address);
            return address;
        }
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(Addresses.resolve(setting, address));
            return address.withPort(probe.getLocalPort());
        } catch (IOException e) {
            throw Addresses.failure(setting, address, e);
        }
    }

    private static void warnUnlessResolvable(String setting, HostPort advertised, String who) {
        try {
            InetAddress unused = InetAddress.getByName(advertised.host());
        } catch (UnknownHostException e) {
            LOG.warn(
                    "{}: the advertised host {} cannot be resolved here; {} must be able to", setting, advertised, who);
        }
    }
}
