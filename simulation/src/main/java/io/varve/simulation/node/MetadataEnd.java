// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.stream.FeedPort;
import io.varve.metadata.stream.FeedSettings;
import io.varve.metadata.stream.FollowerPort;
import io.varve.metadata.stream.FollowerSettings;
import io.varve.metadata.stream.MetadataFeed;
import io.varve.metadata.stream.MetadataFollower;
import io.varve.metadata.stream.MetadataUpdate;
import io.varve.metadata.stream.StreamMessage;
import io.varve.simulation.engine.NetStream;
import io.varve.simulation.engine.Network;
import io.varve.simulation.engine.StreamHandler;
import io.varve.simulation.engine.StreamKind;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The metadata stream on the simulated network: the serving end on voters, the following end on all others. */
final class MetadataEnd {
    private MetadataEnd() {}

    /** On a voter. */
    static final class Serving implements FeedPort {
        private final NodeLoop loop;
        private final MetadataFeed feed;
        private final Map<Long, NetStream> streams = new TreeMap<>();
        private long ids;

        Serving(NodeLoop loop, FeedSettings settings) {
            this.loop = loop;
            this.feed = new MetadataFeed(settings, this);
        }

        MetadataFeed feed() {
            return feed;
        }

        StreamHandler accept(NetStream stream) {
            long id = ++ids;
            streams.put(id, stream);
            return new StreamHandler() {
                @Override
                public void onMessage(Object payload) {
                    loop.run(() -> feed.onSubscribe(id, (StreamMessage.Subscribe) payload, loop.nowNanos()));
                }

                @Override
                public void onReady() {
                    loop.run(() -> feed.onReady(id, loop.nowNanos()));
                }

                @Override
                public void onClosed(Closed why) {
                    streams.remove(id);
                    loop.run(() -> feed.onClosed(id));
                }
            };
        }

        @Override
        public boolean send(long stream, StreamMessage.ToFollower message) {
            NetStream to = streams.get(stream);
            if (to == null) {
                return true;
            }
            to.send(message);
            return to.ready();
        }

        @Override
        public void close(long stream) {
            NetStream gone = streams.remove(stream);
            if (gone != null) {
                gone.close();
            }
        }
    }

    /** On a node that does not vote. */
    static final class Following implements FollowerPort {
        private final int nodeId;
        private final NodeLoop loop;
        private final Network network;
        private final Consumer<MetadataUpdate> onUpdate;
        private final MetadataFollower follower;
        private final Map<Long, NetStream> streams = new TreeMap<>();

        Following(
                int nodeId,
                NodeLoop loop,
                Network network,
                List<Integer> voters,
                FollowerSettings settings,
                Consumer<MetadataUpdate> onUpdate) {
            this.nodeId = nodeId;
            this.loop = loop;
            this.network = network;
            this.onUpdate = onUpdate;
            this.follower = new MetadataFollower(nodeId, voters, MetadataImage.EMPTY, settings, this);
        }

        MetadataFollower follower() {
            return follower;
        }

        @Override
        public void connect(int voter, long stream) {
            StreamHandler handler = new StreamHandler() {
                @Override
                public void onOpen() {
                    loop.run(() -> follower.onConnected(stream, loop.nowNanos()));
                }

                @Override
                public void onMessage(Object payload) {
                    loop.run(() -> follower.onMessage((StreamMessage.ToFollower) payload, loop.nowNanos()));
                }

                @Override
                public void onClosed(Closed why) {
                    streams.remove(stream);
                    loop.run(() -> follower.onClosed(stream, loop.nowNanos()));
                }
            };
            streams.put(stream, network.dial(nodeId, voter, StreamKind.METADATA, "metadata", handler));
        }

        @Override
        public void send(long stream, StreamMessage.ToFeed message) {
            NetStream to = streams.get(stream);
            if (to != null) {
                to.send(message);
            }
        }

        @Override
        public void close(long stream) {
            NetStream gone = streams.remove(stream);
            if (gone != null) {
                gone.close();
            }
        }

        @Override
        public void publish(MetadataUpdate update) {
            loop.defer(() -> onUpdate.accept(update));
        }

        @Override
        public void diverged(String detail) {
            throw new IllegalStateException("node " + nodeId + ": its metadata diverged: " + detail);
        }
    }
}
