// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.stream;

import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.stream.StreamMessage.Current;
import io.varve.metadata.stream.StreamMessage.Deltas;
import io.varve.metadata.stream.StreamMessage.Refusal;
import io.varve.metadata.stream.StreamMessage.Refused;
import io.varve.metadata.stream.StreamMessage.Subscribe;
import io.varve.metadata.stream.StreamMessage.ToFollower;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One voter's feed: brings followers up to what this voter has applied, and on from there. *Confined to one loop.*
 *
 * <p>A follower gets the deltas that it lacks while the history has them, else a whole image, then each delta as it is
 * applied here. A stream that takes no more is not queued for: its follower continues from the history when it takes
 * more again, and from a whole image if it was too slow. A follower that is ahead of this voter hears where the voter is,
 * and then what follows its own position once the voter gets there.
 */
public final class MetadataFeed {

    private final FeedSettings settings;
    private final FeedPort port;
    private final DeltaHistory history;
    private final TreeMap<Long, Subscriber> subscribers = new TreeMap<>(); // by stream, at most one for each node
    private @Nullable MetadataImage image;
    private boolean inTouch = true;

    public MetadataFeed(FeedSettings settings, FeedPort port) {
        this.settings = settings;
        this.port = port;
        this.history = new DeltaHistory(settings);
    }

    /** The voter has started, or installed a snapshot: what lies before this image is unknown here. */
    public void onImage(MetadataImage whole, long nowNanos) {
        history.clear();
        image = whole;
        serveAll(nowNanos);
    }

    /**
     * The voter has applied a command, also one that changed nothing.
     *
     * @throws IllegalArgumentException if it does not follow the image here
     */
    public void onApplied(MetadataDelta delta, MetadataImage next, long nowNanos) {
        if (image == null || image.index() != delta.prevIndex()) {
            throw new IllegalArgumentException("delta " + delta.index() + " follows index " + delta.prevIndex()
                    + ", the feed is at " + (image == null ? "no image" : String.valueOf(image.index())));
        }
        history.add(delta);
        image = next;
        serveAll(nowNanos);
    }

    /** Whether the voter hears from a leader. While not, followers are told, so that they look for a better one. */
    public void onTouch(boolean now, long nowNanos) {
        if (inTouch != now) {
            inTouch = now;
            subscribers.values().forEach(s -> current(s, nowNanos));
        }
    }

    /** @param stream a number of this process, growing with each stream that was opened to it */
    public void onSubscribe(long stream, Subscribe subscribe, long nowNanos) {
        var older = subscribers.get(stream);
        if (older != null && older.subscription() >= subscribe.subscription()) {
            return; // said twice
        }
        var has = image;
        var refused = has == null
                ? new Refused(subscribe.subscription(), Refusal.STARTING, "this voter has no image yet")
                : contradiction(subscribe, has);
        if (refused != null) {
            subscribers.remove(stream);
            port.send(stream, refused);
            return;
        }
        for (var other : List.copyOf(subscribers.values())) {
            if (other.nodeId() == subscribe.nodeId() && other.stream != stream) {
                subscribers.remove(other.stream);
                port.close(other.stream);
            }
        }
        var subscriber = new Subscriber(stream, subscribe, nowNanos);
        subscriber.ready = older == null || older.ready;
        subscribers.put(stream, subscriber);
        serve(subscriber, nowNanos);
        current(subscriber, nowNanos);
    }

    private @Nullable Refused contradiction(Subscribe s, MetadataImage has) {
        boolean differs = s.lastIndex() == has.index()
                ? s.lastTerm() != has.term()
                : s.lastIndex() < has.index() && history.contradicts(s.lastIndex(), s.lastTerm());
        return differs
                ? new Refused(
                        s.subscription(),
                        Refusal.DIVERGED,
                        "node " + s.nodeId() + " has term " + s.lastTerm() + " at index " + s.lastIndex()
                                + ", this cluster's log has not")
                : null;
    }

    /** The stream takes more. */
    public void onReady(long stream, long nowNanos) {
        var subscriber = subscribers.get(stream);
        if (subscriber != null) {
            subscriber.ready = true;
            serve(subscriber, nowNanos);
        }
    }

    public void onClosed(long stream) {
        subscribers.remove(stream);
    }

    /** To be called a few times per keepalive interval. */
    public void tick(long nowNanos) {
        long keepalive = settings.keepalive().toNanos();
        for (var s : subscribers.values()) {
            if (nowNanos - s.spokeNanos >= keepalive) {
                current(s, nowNanos);
            }
        }
    }

    /** Streams that are served, for tests and numbers. */
    public int subscribers() {
        return subscribers.size();
    }

    private void serveAll(long nowNanos) {
        subscribers.values().forEach(s -> serve(s, nowNanos));
    }

    private void serve(Subscriber s, long nowNanos) {
        var has = image;
        while (has != null && s.ready) {
            var piece = s.nextOfImage(settings.messageRecords());
            if (piece != null) {
                send(s, piece, nowNanos);
            } else if (s.wantsWhole() && has.index() >= s.sentIndex()) {
                s.begin(has);
            } else if (s.sentIndex() >= has.index()) {
                return;
            } else {
                var deltas = history.after(s.sentIndex());
                if (deltas.isEmpty()) {
                    s.begin(has); // too far behind, or it was at no index of this log
                } else {
                    s.sentUpTo(deltas.get(deltas.size() - 1).index());
                    send(s, new Deltas(s.subscription(), deltas), nowNanos);
                }
            }
        }
    }

    /** Says where this voter is, unless there is more to say that waits for the stream. */
    private void current(Subscriber s, long nowNanos) {
        var has = image;
        if (has != null && s.ready && s.isIdle()) {
            send(s, new Current(s.subscription(), has.index(), has.term(), inTouch), nowNanos);
        }
    }

    private void send(Subscriber s, ToFollower message, long nowNanos) {
        s.spokeNanos = nowNanos;
        s.ready = port.send(s.stream, message);
    }
}
