// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.node.config.HostPort;
import io.varve.node.config.ListenerConfig;
import io.varve.node.config.NetworkConfig;
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

    private final NetworkConfig network;
    private final List<ListenerConfig> listeners = new ArrayList<>();
    private HostPort raft;

    AddressesStep(NetworkConfig network) {
        this.network = network;
        this.raft = network.raftBind();
    }

    @Override
    public String name() {
        return "addresses";
    }

    @Override
    public void start() throws StartFailure {
        raft = checked("raft.bind", network.raftBind());
        for (ListenerConfig listener : network.listeners()) {
            String setting = "listeners." + listener.name();
            HostPort bind = checked(setting, listener.bind());
            HostPort advertised = listener.advertised();
            warnUnlessResolvable(setting, advertised);
            listeners.add(new ListenerConfig(
                    listener.name(), bind, advertised.port() == 0 ? advertised.withPort(bind.port()) : advertised));
        }
    }

    /** With every port decided. */
    List<ListenerConfig> listeners() {
        return List.copyOf(listeners);
    }

    /** With the port decided. */
    HostPort raft() {
        return raft;
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

    private static void warnUnlessResolvable(String setting, HostPort advertised) {
        try {
            InetAddress unused = InetAddress.getByName(advertised.host());
        } catch (UnknownHostException e) {
            LOG.warn(
                    "{}: the advertised host {} cannot be resolved here; clients must be able to", setting, advertised);
        }
    }
}
