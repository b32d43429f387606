// SPDX-License-Identifier: Apache-2.0
package io.varve.node.control;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.varve.metadata.MetadataListener;
import io.varve.metadata.MetadataQuorum;
import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.stream.FeedPort;
import io.varve.metadata.stream.FeedSettings;
import io.varve.metadata.stream.MetadataFeed;
import io.varve.metadata.stream.StreamMessage;
import io.varve.proto.internal.v1.FollowRequest;
import io.varve.proto.internal.v1.FollowResponse;
import io.varve.proto.internal.v1.MetadataStreamServiceGrpc.MetadataStreamServiceImplBase;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread around a voter's {@link MetadataFeed}, and its streams. <i>Thread-safe.</i> */
public final class MetadataFeedService extends MetadataStreamServiceImplBase
        implements FeedPort, MetadataListener, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MetadataFeedService.class);
    private static final long TICK_MILLIS = 100;

    private final MetadataQuorum quorum;
    private final MetadataFeed feed; // confined to the thread
    private final Map<Long, ServerCallStreamObserver<FollowResponse>> streams =
            new HashMap<>(); // confined to the thread
    private final AtomicLong numbers = new AtomicLong();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "metadata-feed");
        made.setDaemon(true);
        return made;
    });

    private MetadataFeedService(MetadataQuorum quorum, FeedSettings settings) {
        this.quorum = quorum;
        this.feed = new MetadataFeed(settings, this);
    }

    public static MetadataFeedService start(MetadataQuorum quorum, FeedSettings settings) {
        MetadataFeedService service = new MetadataFeedService(quorum, settings);
        quorum.listen(service);
        var unused = service.thread.scheduleWithFixedDelay(
                () -> service.run(service::tick), TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        return service;
    }

    private void tick() {
        long now = System.nanoTime();
        feed.onTouch(quorum.leader().nodeId() != 0, now);
        feed.tick(now);
    }

    @Override
    public void onApplied(long index, long term, MetadataDelta delta, MetadataImage image) {
        post(() -> feed.onApplied(delta, image, System.nanoTime()));
    }

    @Override
    public void onImageReset(MetadataImage image) {
        post(() -> feed.onImage(image, System.nanoTime()));
    }

    @Override
    public StreamObserver<FollowRequest> follow(StreamObserver<FollowResponse> answers) {
        long stream = numbers.incrementAndGet();
        var call = (ServerCallStreamObserver<FollowResponse>) answers;
        call.setOnCancelHandler(() -> post(() -> gone(stream)));
        call.setOnReadyHandler(() -> post(() -> feed.onReady(stream, System.nanoTime())));
        post(() -> streams.put(stream, call));
        return new StreamObserver<>() {
            @Override
            public void onNext(FollowRequest request) {
                post(() -> {
                    if (streams.containsKey(stream)) {
                        feed.onSubscribe(stream, MetadataMessages.subscribe(request), System.nanoTime());
                    }
                });
            }

            @Override
            public void onError(Throwable why) {
                post(() -> gone(stream));
            }

            @Override
            public void onCompleted() {
                post(() -> {
                    gone(stream);
                    call.onCompleted();
                });
            }
        };
    }

    private void gone(long stream) {
        streams.remove(stream);
        feed.onClosed(stream);
    }

    @Override
    public boolean send(long stream, StreamMessage.ToFollower message) {
        ServerCallStreamObserver<FollowResponse> call = streams.get(stream);
        if (call == null || call.isCancelled()) {
            return true;
        }
        call.onNext(MetadataMessages.response(message));
        return call.isReady();
    }

    @Override
    public void close(long stream) {
        ServerCallStreamObserver<FollowResponse> call = streams.remove(stream);
        if (call != null && !call.isCancelled()) {
            call.onCompleted();
        }
    }

    private void post(Runnable event) {
        try {
            thread.execute(() -> run(event));
        } catch (RejectedExecutionException e) {
            LOG.trace("the feed is closed", e);
        }
    }

    private void run(Runnable event) {
        try {
            event.run();
        } catch (RuntimeException e) {
            LOG.error("the metadata feed failed on an event", e);
        }
    }

    /** Serves no further; streams end with the listener. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
