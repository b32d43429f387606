// SPDX-License-Identifier: Apache-2.0
package io.varve.node.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.varve.metadata.MetadataListener;
import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.SnapshotCodec;
import io.varve.metadata.stream.FeedSettings;
import io.varve.metadata.stream.FollowerSettings;
import io.varve.node.config.HostPort;
import io.varve.node.peer.PeerChannels;
import io.varve.node.peer.PeerListener;
import io.varve.transport.ChannelFactory;
import io.varve.transport.ChannelSettings;
import io.varve.transport.EventLoops;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two voters and a node that follows them, over real connections. */
@SuppressWarnings("NullAway.Init")
class MetadataStreamTest {

    private final EventLoops loops = EventLoops.open("test", 1);
    private final FakeMetadata first = new FakeMetadata();
    private final FakeMetadata second = new FakeMetadata();
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private MetadataFeedService firstFeed;
    private MetadataFeedService secondFeed;
    private PeerListener firstListener;
    private PeerListener secondListener;
    private PeerChannels channels;

    @BeforeEach
    void open() throws Exception {
        firstFeed = MetadataFeedService.start(first, FeedSettings.DEFAULT);
        secondFeed = MetadataFeedService.start(second, FeedSettings.DEFAULT);
        firstListener = serving(firstFeed);
        secondListener = serving(secondFeed);
        channels = new PeerChannels(
                new ChannelFactory(loops, ChannelSettings.forMessagesUpTo(1 << 20, "test")),
                Map.of(1, at(firstListener), 2, at(secondListener)));
    }

    @AfterEach
    void close() throws Exception {
        channels.close();
        firstFeed.close();
        secondFeed.close();
        firstListener.close();
        secondListener.close();
        loops.close();
    }

    @Test
    void shouldBringAWholeImageThenEachChangeAndGoOnAtAnotherVoter() {
        both(1);
        both(2);
        try (MetadataStream stream =
                MetadataStream.start(7, List.of(1, 2), channels, FollowerSettings.DEFAULT, heard::add)) {
            stream.listen(new MetadataListener() {
                @Override
                public void onApplied(long index, long term, MetadataDelta delta, MetadataImage image) {
                    heard.add("delta " + index);
                }

                @Override
                public void onImageReset(MetadataImage image) {
                    heard.add("image " + image.index());
                }
            });
            await().until(() -> stream.image().index() == 2);
            both(3);
            await().until(() -> stream.image().index() == 3);
            assertThat(SnapshotCodec.crc(stream.image())).isEqualTo(SnapshotCodec.crc(first.image()));
            assertThat(heard.get(heard.size() - 1)).isEqualTo("delta 3");

            closeFirst();
            second.controller(2, 4);

            await().until(() -> stream.image().index() == 4);
            assertThat(heard.get(heard.size() - 1)).isEqualTo("delta 4");
        }
    }

    private void closeFirst() {
        try {
            firstListener.close();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void both(long epoch) {
        first.controller(1, epoch);
        second.controller(1, epoch);
    }

    private PeerListener serving(MetadataFeedService feed) throws Exception {
        PeerListener listener = PeerListener.start(new InetSocketAddress("127.0.0.1", 0), loops, 1 << 20);
        listener.add(feed);
        return listener;
    }

    private static HostPort at(PeerListener listener) {
        return new HostPort("127.0.0.1", listener.port());
    }
}
