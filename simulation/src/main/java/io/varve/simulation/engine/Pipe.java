// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import io.varve.simulation.engine.StreamHandler.Closed;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** One direction of a connection: what is under way, in order. */
final class Pipe {
    private final Network network;
    private final Link link;
    private final String label;
    private final NetStream sender;
    private final NetStream receiver;
    private final ArrayDeque<Item> items = new ArrayDeque<>();
    private long queuedBytes;
    private long lastArrival;
    private long heldUntil;
    private int deliveriesToHold; // after so many, what follows is held
    private long lateHoldNanos;
    private long silentUntil;
    private boolean moving; // an event, a link or a paused process will call move()
    private boolean waiting; // it is a paused process

    Pipe(Network network, Link link, String label, NetStream sender, NetStream receiver) {
        this.network = network;
        this.link = link;
        this.label = label;
        this.sender = sender;
        this.receiver = receiver;
    }

    /** Without payload: the end of the stream. */
    private record Item(@Nullable Object payload, Closed end, int sizeBytes, long arrival) {}

    long queuedBytes() {
        return queuedBytes;
    }

    void send(Object payload) {
        add(payload, Closed.BY_PEER, network.transfer().sizeBytes(payload));
    }

    /** The last thing that travels here. */
    void finish(Closed why) {
        add(null, why, 0);
    }

    private void add(@Nullable Object payload, Closed end, int sizeBytes) {
        long now = network.scheduler().now();
        lastArrival = Math.max(lastArrival + 1, link.arrivalNanos(now, sizeBytes));
        if (items.isEmpty()) {
            network.busy(this);
        }
        items.add(new Item(payload, end, sizeBytes, lastArrival));
        queuedBytes += sizeBytes;
        go();
    }

    private void go() {
        Item head = items.peek();
        if (head == null || moving) {
            return;
        }
        moving = true;
        Object payload = head.payload;
        network.scheduler()
                .at(Math.max(head.arrival, heldUntil), link.to, label, payload == null ? "end" : payload, this::move);
    }

    private void later() {
        moving = false;
        waiting = false;
        // What waited is not there at once: it is sent again.
        lastArrival = Math.max(lastArrival, network.scheduler().now());
        heldUntil = Math.max(heldUntil, network.scheduler().now() + link.latencyNanos());
        go();
    }

    private void move() {
        moving = false;
        Item head = items.peek();
        if (head == null) {
            return;
        }
        long now = network.scheduler().now();
        if (heldUntil > now) {
            go();
        } else if (link.blocked()) {
            moving = true;
            link.stall(this::later);
        } else if (!receiver.isAccepted()) {
            return; // the accept starts it
        } else if (receiver.isClosed()) {
            refuse();
        } else if (receiver.process().paused()) {
            moving = true;
            waiting = true;
            receiver.process().whenResumed(this::later);
        } else {
            items.remove();
            queuedBytes -= head.sizeBytes;
            network.idle(this, items.isEmpty());
            if (deliveriesToHold > 0 && --deliveriesToHold == 0) {
                hold(now + lateHoldNanos);
            }
            go();
            deliver(head);
        }
    }

    /** The other side is ready to receive. */
    void accepted() {
        go();
    }

    /** The receiver's process ended: it will not resume. */
    void receiverEnded() {
        if (waiting) {
            later();
        }
    }

    private void deliver(Item item) {
        if (item.payload == null) {
            receiver.ended(item.end);
            return;
        }
        network.countDelivered();
        receiver.receive(network.transfer().deliver(item.payload));
        sender.drained();
    }

    /** Nobody is there any more: what arrives is lost, and the sender hears it, if the machine can speak. */
    private void refuse() {
        clear();
        if (network.scheduler().now() >= silentUntil && receiver.process().powered()) {
            network.reset(sender);
        }
    }

    /** Everything under way is lost. */
    void clear() {
        cutAfter(0);
    }

    /** Of what is under way, only the first {@code kept} things arrive. */
    void cutAfter(int kept) {
        while (items.size() > kept) {
            lose(items.removeLast());
        }
        network.idle(this, items.isEmpty());
    }

    int size() {
        return items.size();
    }

    private void lose(Item item) {
        queuedBytes -= item.sizeBytes;
        if (item.payload != null) {
            network.countLost();
            network.transfer().lose(item.payload);
        }
    }

    /** Nothing arrives before that time; then all of it does, if its receiver is still there. */
    void hold(long untilNanos) {
        heldUntil = Math.max(heldUntil, untilNanos);
    }

    /** So many more things arrive in time; what follows does not before so much later. */
    void holdAfter(int deliveries, long nanos) {
        deliveriesToHold = deliveries;
        lateHoldNanos = nanos;
    }

    boolean isHeld() {
        return heldUntil > network.scheduler().now();
    }

    /** Until then, nobody tells the sender that there is no receiver. */
    void silence(long untilNanos) {
        silentUntil = untilNanos;
    }

    boolean isBlocked() {
        return link.blocked();
    }
}
