// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import io.varve.metadata.QuorumListener;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.machine.Applied;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The image of this voter and everybody who wants to hear of it, changed and told under one lock, so that each listener
 * hears everything from the image on that it began with. *Thread-safe*: Ratis calls from its updater thread and, when
 * leadership is lost, under its server lock; listeners only enqueue, so neither is held up.
 */
final class Listeners {

    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);
    private static final long NOT_READY = 0;

    private final List<QuorumListener> listeners = new ArrayList<>(); // guarded by this
    private long readyTerm = NOT_READY; // guarded by this
    private boolean closed; // guarded by this
    private @Nullable Throwable deathCause; // guarded by this
    // Volatile: read by every thread without the lock; written under it.
    private volatile MetadataImage image = MetadataImage.EMPTY;

    MetadataImage image() {
        return image;
    }

    synchronized void add(QuorumListener listener) {
        listeners.add(listener);
        listener.onImageReset(image);
        if (deathCause != null) {
            listener.onFatal(deathCause);
        } else if (readyTerm != NOT_READY) {
            listener.onLeaderReady(readyTerm);
        }
    }

    synchronized void applied(Applied applied) {
        image = applied.image();
        var delta = applied.delta();
        tell(l -> l.onApplied(delta.index(), delta.term(), delta, image));
    }

    synchronized void reset(MetadataImage next) {
        image = next;
        tell(l -> l.onImageReset(next));
    }

    synchronized void leaderReady(long term) {
        readyTerm = term;
        tell(l -> l.onLeaderReady(term));
    }

    synchronized void notLeader() {
        readyTerm = NOT_READY;
        tell(QuorumListener::onNotLeader);
    }

    /** The first cause is told, and nothing after it. */
    synchronized void fatal(Throwable cause) {
        if (deathCause == null && !closed) {
            LOG.error("this voter of the metadata quorum is dead", cause);
            tell(l -> l.onFatal(cause));
            deathCause = cause;
        }
    }

    /** Nobody is told anything any more. */
    synchronized void close() {
        closed = true;
        listeners.clear();
    }

    private void tell(Consumer<QuorumListener> what) {
        if (closed || deathCause != null) {
            return;
        }
        for (var listener : listeners) {
            try {
                what.accept(listener);
            } catch (RuntimeException e) {
                // A defect of one listener must not end the voter: the exception would close the Raft division.
                LOG.error("a listener of the metadata quorum failed", e);
            }
        }
    }
}
