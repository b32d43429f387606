// SPDX-License-Identifier: Apache-2.0
package io.varve.node.control;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.varve.metadata.MetadataListener;
import io.varve.metadata.MetadataSource;
import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.stream.FollowerPort;
import io.varve.metadata.stream.FollowerSettings;
import io.varve.metadata.stream.MetadataFollower;
import io.varve.metadata.stream.MetadataUpdate;
import io.varve.metadata.stream.StreamMessage;
import io.varve.node.peer.PeerChannels;
import io.varve.node.peer.PeerChannels.Use;
import io.varve.proto.internal.v1.FollowRequest;
import io.varve.proto.internal.v1.FollowResponse;
import io.varve.proto.internal.v1.MetadataStreamServiceGrpc;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The metadata of a node that does not vote: the thread around {@link MetadataFollower}. <i>Thread-safe.</i> */
public final class MetadataStream implements MetadataSource, FollowerPort, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MetadataStream.class);
    private static final long TICK_MILLIS = 50;

    private final int nodeId;
    private final PeerChannels channels;
    private final Consumer<String> onDiverged;
    private final MetadataFollower follower; // confined to the thread
    private final Map<Long, Voice> streams = new HashMap<>(); // confined to the thread
    private final List<MetadataListener> listeners = new CopyOnWriteArrayList<>(); // added to on the thread
    private volatile MetadataImage image = MetadataImage.EMPTY; // volatile: written by the thread, read by everybody
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "metadata-stream");
        made.setDaemon(true);
        return made;
    });

    private MetadataStream(
            int nodeId,
            List<Integer> voters,
            PeerChannels channels,
            FollowerSettings settings,
            Consumer<String> onDiverged) {
        this.nodeId = nodeId;
        this.channels = channels;
        this.onDiverged = onDiverged;
        this.follower = new MetadataFollower(nodeId, voters, MetadataImage.EMPTY, settings, this);
    }

    /** @param onDiverged hears that what this node has is not the cluster's: it must stop */
    public static MetadataStream start(
            int nodeId,
            List<Integer> voters,
            PeerChannels channels,
            FollowerSettings settings,
            Consumer<String> onDiverged) {
        MetadataStream stream = new MetadataStream(nodeId, voters, channels, settings, onDiverged);
        var unused = stream.thread.scheduleWithFixedDelay(
                () -> stream.run(() -> stream.follower.tick(System.nanoTime())), 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
        return stream;
    }

    @Override
    public MetadataImage image() {
        return image;
    }

    /** The listener hears nothing before there is an image: nothing follows from one that is not there. */
    @Override
    public void listen(MetadataListener listener) {
        post(() -> {
            if (image.index() > 0) {
                listener.onImageReset(image);
            }
            listeners.add(listener);
        });
    }

    @Override
    public void wanted(long index) {
        post(() -> follower.wanted(index, System.nanoTime()));
    }

    @Override
    public void connect(int voter, long stream) {
        var channel = channels.channel(voter, Use.CALLS);
        if (channel.isEmpty()) {
            post(() -> follower.onClosed(stream, System.nanoTime()));
            return;
        }
        Voice voice = new Voice(stream);
        streams.put(stream, voice);
        var unused = MetadataStreamServiceGrpc.newStub(channel.get()).follow(voice);
        post(() -> follower.onConnected(stream, System.nanoTime()));
    }

    @Override
    public void send(long stream, StreamMessage.ToFeed message) {
        Voice voice = streams.get(stream);
        if (voice != null && message instanceof StreamMessage.Subscribe subscribe) {
            voice.say(MetadataMessages.request(subscribe));
        }
    }

    @Override
    public void close(long stream) {
        Voice voice = streams.remove(stream);
        if (voice != null) {
            voice.cancel();
        }
    }

    @Override
    public void publish(MetadataUpdate update) {
        if (update.reset()) {
            image = update.image();
            listeners.forEach(listener -> listener.onImageReset(update.image()));
            return;
        }
        MetadataImage before = image;
        for (MetadataDelta delta : update.deltas()) {
            MetadataImage next = before.plus(delta);
            before = next;
            image = next;
            listeners.forEach(listener -> listener.onApplied(delta.index(), delta.term(), delta, next));
        }
    }

    @Override
    public void diverged(String detail) {
        LOG.error("node {}: its metadata is not the cluster's: {}", nodeId, detail);
        onDiverged.accept(detail);
    }

    /** One stream to one voter. <i>Requests are confined to the thread.</i> */
    private final class Voice implements ClientResponseObserver<FollowRequest, FollowResponse> {

        private final long stream;
        private @Nullable ClientCallStreamObserver<FollowRequest> requests;

        Voice(long stream) {
            this.stream = stream;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<FollowRequest> call) {
            requests = call;
        }

        void say(FollowRequest request) {
            ClientCallStreamObserver<FollowRequest> call = requests;
            if (call != null) {
                call.onNext(request);
            }
        }

        void cancel() {
            ClientCallStreamObserver<FollowRequest> call = requests;
            if (call != null) {
                call.cancel("another voter is followed", null);
            }
        }

        @Override
        public void onNext(FollowResponse response) {
            post(() -> follower.onMessage(MetadataMessages.message(response), System.nanoTime()));
        }

        @Override
        public void onError(Throwable why) {
            LOG.debug("the metadata stream {} broke: {}", stream, Status.fromThrowable(why));
            over();
        }

        @Override
        public void onCompleted() {
            over();
        }

        private void over() {
            post(() -> {
                streams.remove(stream);
                follower.onClosed(stream, System.nanoTime());
            });
        }
    }

    private void post(Runnable event) {
        try {
            thread.execute(() -> run(event));
        } catch (RejectedExecutionException e) {
            LOG.trace("the metadata stream is closed", e);
        }
    }

    private void run(Runnable event) {
        try {
            event.run();
        } catch (RuntimeException e) {
            LOG.error("the metadata stream failed on an event", e);
        }
    }

    /** Follows no further. */
    @Override
    public void close() {
        post(() -> List.copyOf(streams.values()).forEach(Voice::cancel));
        thread.shutdown();
    }
}
