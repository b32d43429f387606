// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.stream;

import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.stream.StreamMessage.Current;
import io.varve.metadata.stream.StreamMessage.Deltas;
import io.varve.metadata.stream.StreamMessage.ImageEnd;
import io.varve.metadata.stream.StreamMessage.ImagePart;
import io.varve.metadata.stream.StreamMessage.Refusal;
import io.varve.metadata.stream.StreamMessage.Refused;
import io.varve.metadata.stream.StreamMessage.Subscribe;
import io.varve.metadata.stream.StreamMessage.ToFollower;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of a node that is no voter. *Confined to one loop.*
 *
 * <pre>
 * WAITING    -> CONNECTING   the backoff is over, or somebody wants a newer image
 * CONNECTING -> FOLLOWING    the stream is open: it subscribes after its own position
 * any        -> WAITING      the voter is silent, gone, refuses, or stays behind: the next one, at once or after a backoff
 * </pre>
 *
 * <p>Invariants: the index never falls; a delta is applied only to the image that it follows (P3), so that the image at
 * an index is the voters' (I23).
 */
public final class MetadataFollower {

    private enum State {
        WAITING,
        CONNECTING,
        FOLLOWING
    }

    /** Resyncs without progress after which the fault is taken to be the voter's. */
    private static final int MAX_STUMBLES = 3;

    private static final long NEVER = Long.MIN_VALUE;

    private final int nodeId;
    private final FollowerSettings settings;
    private final FollowerPort port;
    private final VoterRound round;
    private MetadataImage image;
    private State state = State.WAITING;
    private long numbers; // of streams and subscriptions
    private long stream;
    private long subscription;
    private long actNanos = NEVER; // WAITING: when to connect
    private long heardNanos;
    private long behindSinceNanos = NEVER;
    private boolean current;
    private int stumbles;
    private boolean mistrusts; // its own image
    private @Nullable PartialImage partial;
    private long wantedIndex;
    private long wantedUntilNanos = NEVER;
    private int wantedTries;

    /** @param start what it knows already, or {@link MetadataImage#EMPTY} */
    public MetadataFollower(
            int nodeId, List<Integer> voters, MetadataImage start, FollowerSettings settings, FollowerPort port) {
        this.nodeId = nodeId;
        this.settings = settings;
        this.port = port;
        this.round = new VoterRound(voters, settings);
        this.image = start;
    }

    /** The newest image published. */
    public MetadataImage image() {
        return image;
    }

    public long index() {
        return image.index();
    }

    /** The voter followed, or tried next. */
    public int voter() {
        return round.voter();
    }

    /** Whether a voter that is in touch with its quorum says that there is nothing newer, and was heard lately. */
    public boolean isCurrent() {
        return current;
    }

    /** Other voters, in the order in which to try them; the present one is kept if it is among them. */
    public void voters(List<Integer> order, long nowNanos) {
        if (!round.replace(order) && state != State.WAITING) {
            leave();
            connect(nowNanos);
        }
    }

    /** To be called at least every tenth of a second. */
    public void tick(long nowNanos) {
        if (state == State.WAITING) {
            if (actNanos == NEVER || nowNanos - actNanos >= 0) {
                connect(nowNanos);
            }
            return;
        }
        long silence = settings.silence().toNanos();
        if (nowNanos - heardNanos > silence || (behindSinceNanos != NEVER && nowNanos - behindSinceNanos > silence)) {
            next(nowNanos);
        } else if (wantedUntilNanos != NEVER && nowNanos - wantedUntilNanos >= 0) {
            wantedTries++;
            if (wantedTries >= round.size()) {
                forgetWanted(); // whoever wants it still will say so again
            } else {
                wantedUntilNanos = nowNanos + settings.patience().toNanos();
                next(nowNanos);
            }
        }
    }

    /**
     * Somebody acts on metadata of this index (P2): if the voter does not bring it soon, another one is asked. One more
     * than {@link #index} says that there must be something newer.
     */
    public void wanted(long index, long nowNanos) {
        if (index <= image.index()) {
            return;
        }
        wantedIndex = Math.max(wantedIndex, index);
        if (wantedUntilNanos != NEVER) {
            return;
        }
        wantedTries = 0;
        wantedUntilNanos = nowNanos + settings.patience().toNanos();
        if (state == State.WAITING) {
            connect(nowNanos);
        } else if (state == State.FOLLOWING && partial == null) {
            subscribe(); // a feed answers at once
        }
    }

    public void onConnected(long opened, long nowNanos) {
        if (opened == stream && state == State.CONNECTING) {
            state = State.FOLLOWING;
            heardNanos = nowNanos;
            subscribe();
        }
    }

    /** The stream broke, or could not be opened. */
    public void onClosed(long closed, long nowNanos) {
        if (closed == stream && state != State.WAITING) {
            next(nowNanos);
        }
    }

    public void onMessage(ToFollower message, long nowNanos) {
        if (state != State.FOLLOWING || message.subscription() != subscription) {
            return;
        }
        heardNanos = nowNanos;
        if (message instanceof Deltas deltas) {
            apply(deltas.deltas(), nowNanos);
        } else if (message instanceof ImagePart part) {
            if (part.part() == 0) {
                partial = new PartialImage();
            }
            if (partial == null || !partial.add(part)) {
                resync(nowNanos);
            }
        } else if (message instanceof ImageEnd end) {
            complete(end, nowNanos);
        } else if (message instanceof Current c) {
            compare(c, nowNanos);
        } else if (message instanceof Refused refused) {
            if (refused.reason() == Refusal.DIVERGED) {
                port.diverged(refused.detail());
            }
            next(nowNanos);
        }
    }

    private void apply(List<MetadataDelta> deltas, long nowNanos) {
        var applied = new ArrayList<MetadataDelta>();
        var next = image;
        boolean gap = false;
        for (var d : deltas) {
            if (d.index() <= next.index()) {
                continue; // said twice
            }
            gap = d.prevIndex() != next.index(); // P3
            if (gap) {
                break;
            }
            try {
                next = next.plus(d);
            } catch (IllegalArgumentException e) {
                mistrusts = true; // it follows, and does not fit: this image is not the voters'
                gap = true;
                break;
            }
            applied.add(d);
        }
        if (!applied.isEmpty()) {
            partial = null;
            moved(new MetadataUpdate(applied, next, false));
        }
        if (gap) {
            resync(nowNanos);
        }
    }

    private void complete(ImageEnd end, long nowNanos) {
        var whole = partial == null ? null : partial.end(end).orElse(null);
        partial = null;
        if (whole == null) {
            resync(nowNanos);
        } else if (whole.index() > image.index() || (mistrusts && whole.index() == image.index())) {
            mistrusts = false;
            moved(MetadataUpdate.reset(whole));
        }
    }

    private void moved(MetadataUpdate update) {
        image = update.image();
        stumbles = 0;
        behindSinceNanos = NEVER;
        round.progress();
        if (image.index() >= wantedIndex) {
            forgetWanted();
        }
        port.publish(update);
    }

    private void compare(Current c, long nowNanos) {
        current = c.index() == image.index() && c.inTouch() && !mistrusts;
        if (c.index() > image.index()) {
            resync(nowNanos); // a feed says this when it has sent everything: something was lost
        } else if (c.index() < image.index() || !c.inTouch()) {
            behindSinceNanos = behindSinceNanos == NEVER ? nowNanos : behindSinceNanos;
        } else {
            behindSinceNanos = NEVER;
            stumbles = 0;
            round.progress();
        }
    }

    private void forgetWanted() {
        wantedIndex = 0;
        wantedUntilNanos = NEVER;
    }

    private void resync(long nowNanos) {
        partial = null;
        stumbles++;
        if (stumbles > MAX_STUMBLES) {
            next(nowNanos);
        } else {
            subscribe();
        }
    }

    private void subscribe() {
        subscription = ++numbers;
        port.send(stream, new Subscribe(nodeId, subscription, image.index(), image.term(), mistrusts));
    }

    private void next(long nowNanos) {
        leave();
        long wait = round.nextAfterNanos();
        if (wait == 0) {
            connect(nowNanos);
        } else {
            actNanos = nowNanos + wait;
        }
    }

    private void leave() {
        port.close(stream);
        state = State.WAITING;
        stream = 0;
        subscription = 0;
        partial = null;
        current = false;
        stumbles = 0;
        behindSinceNanos = NEVER;
    }

    private void connect(long nowNanos) {
        state = State.CONNECTING;
        stream = ++numbers;
        heardNanos = nowNanos;
        port.connect(round.voter(), stream);
    }
}
