// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.simulation.engine.NodeProcess;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one loop of a simulated process: each event runs whole, then what it deferred, then the end of the turn of everything that it touched. Belongs to one
 * process; what it still had to do when that ends is forgotten with it.
 */
final class NodeLoop {
    /** Has something to do once after the events of a turn. */
    interface Member {
        void endOfTurn(long nowNanos);
    }

    /** Hears that a turn is over. */
    interface TurnListener {
        void turnEnded();
    }

    private final NodeProcess process;
    private final long incarnation;
    private final TurnListener listener;
    private final ArrayDeque<Runnable> deferred = new ArrayDeque<>();
    private final Set<Member> replicas = new LinkedHashSet<>();
    private final Set<Member> wires = new LinkedHashSet<>();
    private boolean inTurn;
    private boolean stopped;

    NodeLoop(NodeProcess process, TurnListener listener) {
        this.process = process;
        this.incarnation = process.incarnation();
        this.listener = listener;
    }

    long nowNanos() {
        return process.clock().nowNanos();
    }

    long nowMillis() {
        return process.clock().wallMillis();
    }

    /** Nothing of it runs any more. */
    void stop() {
        stopped = true;
        deferred.clear();
        replicas.clear();
        wires.clear();
    }

    private boolean isAlive() {
        return !stopped && process.alive() && process.incarnation() == incarnation;
    }

    /** As soon as possible, an event of its own. */
    void post(String label, Runnable action) {
        if (isAlive()) {
            process.post(label, null, () -> turn(action));
        }
    }

    void after(long clockNanos, String label, Runnable action) {
        if (isAlive()) {
            process.after(clockNanos, label, null, () -> turn(action));
        }
    }

    /** What the world answers after some virtual time. */
    void afterVirtual(long nanos, String label, @Nullable Object detail, Runnable action) {
        if (isAlive()) {
            process.afterVirtual(nanos, label, detail, () -> turn(action));
        }
    }

    /** Within a turn: after the event that runs now. Outside of one: an event of its own. */
    void defer(Runnable action) {
        if (inTurn) {
            deferred.add(action);
        } else {
            post("deferred", action);
        }
    }

    /** Its end of turn is due. */
    void touchReplica(Member member) {
        replicas.add(member);
    }

    /** Its end of turn is due, after that of the replicas. */
    void touchWire(Member member) {
        wires.add(member);
    }

    /** Something that happens to the process now: a turn of its own, or a part of the one that it happens in. */
    void run(Runnable event) {
        if (inTurn) {
            deferred.add(event);
        } else {
            turn(event);
        }
    }

    /** Runs an event of this process to its end. */
    void turn(Runnable event) {
        if (!isAlive()) {
            return;
        }
        if (inTurn) {
            throw new IllegalStateException("a turn within a turn");
        }
        inTurn = true;
        try {
            event.run();
            settle();
        } finally {
            inTurn = false;
        }
        listener.turnEnded();
    }

    private void settle() {
        while (true) {
            Runnable next = deferred.poll();
            if (next != null) {
                next.run();
            } else if (!replicas.isEmpty()) {
                finish(replicas);
            } else if (!wires.isEmpty()) {
                finish(wires);
            } else {
                return;
            }
        }
    }

    private void finish(Set<Member> touched) {
        Member[] all = touched.toArray(Member[]::new);
        touched.clear();
        for (Member member : all) {
            member.endOfTurn(nowNanos());
        }
    }
}
