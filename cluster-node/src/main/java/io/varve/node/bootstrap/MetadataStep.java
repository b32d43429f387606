// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.metadata.MetadataListener;
import io.varve.metadata.MetadataQuorum;
import io.varve.metadata.MetadataSource;
import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.stream.FeedSettings;
import io.varve.metadata.stream.FollowerSettings;
import io.varve.node.config.VoterAddress;
import io.varve.node.control.MetadataFeedService;
import io.varve.node.control.MetadataStream;
import io.varve.node.peer.PeerChannels;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where this node's metadata comes from: on a voter from the quorum's log, which it then hands on to nodes that do not
 * vote; elsewhere from a voter.
 */
final class MetadataStep implements NodeStep {

    private final int nodeId;
    private final AddressesStep addresses;
    private final PeerListenerStep peers;
    private final QuorumStep quorum;
    private final Consumer<String> onDiverged;
    private @Nullable MetadataSource source;
    private @Nullable MetadataFeedService feed;
    private @Nullable MetadataStream stream;

    /** @param onDiverged hears that what this node has is not the cluster's */
    MetadataStep(
            int nodeId,
            AddressesStep addresses,
            PeerListenerStep peers,
            QuorumStep quorum,
            Consumer<String> onDiverged) {
        this.nodeId = nodeId;
        this.addresses = addresses;
        this.peers = peers;
        this.quorum = quorum;
        this.onDiverged = onDiverged;
    }

    @Override
    public String name() {
        return "metadata";
    }

    @Override
    public void start() {
        PeerChannels channels = peers.channels();
        if (voter().isPresent()) {
            MetadataQuorum own = voter().get();
            MetadataFeedService served = MetadataFeedService.start(own, FeedSettings.DEFAULT);
            feed = served;
            source = own;
            peers.listener().add(served);
        } else {
            var voters = addresses.quorum().voters().stream()
                    .map(VoterAddress::nodeId)
                    .toList();
            MetadataStream followed =
                    MetadataStream.start(nodeId, voters, channels, FollowerSettings.DEFAULT, onDiverged);
            stream = followed;
            source = followed;
        }
        source().listen(new MetadataListener() {
            @Override
            public void onApplied(long index, long term, MetadataDelta delta, MetadataImage image) {
                if (!delta.changedBrokers().isEmpty()) {
                    channels.imageChanged(image);
                }
            }

            @Override
            public void onImageReset(MetadataImage image) {
                channels.imageChanged(image);
            }
        });
    }

    MetadataSource source() {
        return Objects.requireNonNull(source);
    }

    /** This node's voter; empty if it has none. */
    Optional<MetadataQuorum> voter() {
        return quorum.voter();
    }

    @Override
    public void stop() {
        if (feed != null) {
            feed.close();
        }
        if (stream != null) {
            stream.close();
        }
    }
}
