// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.node.config.HostPort;
import io.varve.node.config.NodeConfig;
import io.varve.node.config.VoterAddress;
import io.varve.node.peer.PeerChannels;
import io.varve.node.peer.PeerListener;
import io.varve.node.push.PushSettings;
import io.varve.transport.ChannelFactory;
import io.varve.transport.ChannelSettings;
import java.io.IOException;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The peer port, and channels to those of other nodes. Comes before the quorum: its voters ask each other through it.
 */
final class PeerListenerStep implements NodeStep {

    private static final String SETTING = "peer.bind";

    /** What one command changes in the metadata is one message, and may touch every partition. */
    private static final int DELTA_BYTES = 64 << 20;

    private final NodeConfig config;
    private final AddressesStep addresses;
    private final ThreadsStep threads;
    private @Nullable PeerListener listener;
    private @Nullable PeerChannels channels;

    PeerListenerStep(NodeConfig config, AddressesStep addresses, ThreadsStep threads) {
        this.config = config;
        this.addresses = addresses;
        this.threads = threads;
    }

    @Override
    public String name() {
        return "peer listener";
    }

    @Override
    public void start() throws StartFailure {
        HostPort bind = addresses.peer();
        try {
            listener = PeerListener.start(
                    Addresses.resolve(SETTING, bind),
                    threads.network(),
                    PushSettings.maxMessageBytes(config.memory().maxBatchBytes()));
        } catch (IOException e) {
            throw Addresses.failure(SETTING, bind, e);
        }
        ChannelFactory factory = new ChannelFactory(
                threads.network(),
                ChannelSettings.forMessagesUpTo(
                        (int) Math.max(config.memory().maxBatchBytes(), DELTA_BYTES), "varve-node/" + Version.CURRENT));
        channels = new PeerChannels(
                factory,
                addresses.quorum().voters().stream()
                        .collect(Collectors.toMap(VoterAddress::nodeId, VoterAddress::peer)));
    }

    /** Takes services from its start on; whoever adds one takes calls at once. */
    PeerListener listener() {
        return Objects.requireNonNull(listener);
    }

    PeerChannels channels() {
        return Objects.requireNonNull(channels);
    }

    /** What other nodes are told. */
    HostPort advertised() {
        return addresses.peerAdvertised();
    }

    @Override
    public void stop() throws InterruptedException {
        if (channels != null) {
            channels.close();
        }
        if (listener != null) {
            listener.close();
        }
    }
}
