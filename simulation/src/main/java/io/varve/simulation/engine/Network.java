// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import io.varve.simulation.engine.StreamHandler.Closed;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The network between machines (nodes and clients alike): streams that keep their order, with latency, bandwidth, partitions in either direction, and
 * connections that break, of which one end may hear late, or that hold for minutes what is under way. Different streams never have an order among them.
 */
public final class Network {
    private static final long WINDOW_BYTES = 256 * 1024;
    private static final long DIAL_RETRY_NANOS = 1_000_000_000L;
    private static final long DIAL_TIMEOUT_NANOS = 30_000_000_000L;

    private final Scheduler scheduler;
    private final SimRandom random;
    private final Transfer transfer;
    private final Latency latency;
    private final Map<Integer, NodeProcess> hosts = new TreeMap<>();
    private final Map<Integer, Acceptor> acceptors = new TreeMap<>();
    private final Map<Long, Link> links = new TreeMap<>();
    private final List<NetStream> open = new ArrayList<>(); // by age, so that a choice among them is repeatable
    private final Map<Long, LateHold> lateHolds = new TreeMap<>(); // by link
    private final Set<Pipe> busy = new LinkedHashSet<>(); // in the order in which something was sent into them
    private long delivered;
    private long lost;

    public Network(Scheduler scheduler, SimRandom random, Transfer transfer, Latency latency) {
        this.scheduler = scheduler;
        this.random = random.stream("network");
        this.transfer = transfer;
        this.latency = latency;
    }

    /** How long a message is under way: at least the base, plus an exponential tail of that mean. */
    public record Latency(long baseNanos, long tailNanos) {
        /** One data centre: 0.1 ms, and 0.2 ms more on average. */
        public static final Latency LOCAL = new Latency(100_000, 200_000);
    }

    private record LateHold(boolean answers, int delivered, long nanos) {}

    /** Takes streams that others dial. */
    public interface Acceptor {
        /**
         * Answers who handles this end, or null to refuse.
         *
         * @param hello what the other end gave to {@link Network#dial}
         */
        @Nullable
        StreamHandler accept(NetStream stream, int from, Object hello);
    }

    /** A machine. Once, before anything else concerns it. */
    public void addHost(NodeProcess process) {
        hosts.put(process.node(), process);
        process.addEndListener(powerLost -> processEnded(process, powerLost));
    }

    /** From now until its process ends, this node accepts streams. */
    public void listen(int node, Acceptor acceptor) {
        acceptors.put(node, acceptor);
    }

    /**
     * Opens a stream; what becomes of it is heard later. Nothing is heard while the network is silent, but after half a minute.
     *
     * @param hello immutable
     */
    public NetStream dial(int from, int to, StreamKind kind, Object hello, StreamHandler handler) {
        NetStream near = new NetStream(this, host(from), kind, to);
        NetStream far = new NetStream(this, host(to), kind, from);
        near.connect(far, new Pipe(this, link(from, to), kind + " from " + from, near, far));
        far.connect(near, new Pipe(this, link(to, from), kind + " from " + from + " back", far, near));
        near.handle(handler);
        open.add(near);
        long until = scheduler.now() + DIAL_TIMEOUT_NANOS;
        knockLater(near, far, hello, until, link(from, to).latencyNanos());
        return near;
    }

    private void knockLater(NetStream near, NetStream far, Object hello, long until, long delay) {
        scheduler.at(scheduler.now() + delay, far.node(), "dial", near, () -> knock(near, far, hello, until));
    }

    private void knock(NetStream near, NetStream far, Object hello, long until) {
        open.remove(far);
        if (near.isClosed()) {
            return;
        }
        NodeProcess host = far.process();
        if (!host.powered() || isBlocked(near.node(), near.peer()) || isBlocked(near.peer(), near.node())) {
            if (scheduler.now() >= until) {
                near.ended(Closed.TIMED_OUT);
            } else {
                knockLater(near, far, hello, until, DIAL_RETRY_NANOS);
            }
        } else if (!host.alive()) {
            answerLater(near, () -> near.ended(Closed.REFUSED));
        } else if (host.paused()) {
            // The kernel took the connection: it breaks if the process ends.
            far.bind();
            open.add(far);
            host.whenResumed(() -> knock(near, far, hello, until));
        } else {
            accept(near, far, hello);
        }
    }

    private void accept(NetStream near, NetStream far, Object hello) {
        Acceptor acceptor = acceptors.get(far.node());
        far.bind();
        StreamHandler handler = acceptor == null ? null : acceptor.accept(far, near.node(), hello);
        if (handler == null) {
            answerLater(near, () -> near.ended(Closed.REFUSED));
            return;
        }
        far.handle(handler);
        open.add(far);
        answerLater(near, near::opened);
        if (near.kind() == StreamKind.DATA) {
            holdLate(near, false);
            holdLate(far, true);
        }
        near.out().accepted();
    }

    private void holdLate(NetStream sender, boolean answers) {
        LateHold hold = lateHolds.get(key(sender.node(), sender.peer()));
        if (hold != null && hold.answers == answers) {
            lateHolds.remove(key(sender.node(), sender.peer()));
            sender.out().holdAfter(hold.delivered, hold.nanos);
        }
    }

    private void answerLater(NetStream near, Runnable answer) {
        long arrival = scheduler.now() + link(near.peer(), near.node()).latencyNanos();
        scheduler.at(arrival, near.node(), "dial answered", near, () -> {
            if (near.process().paused()) {
                near.process().whenResumed(answer);
            } else {
                answer.run();
            }
        });
    }

    // ---- ends of streams

    /** The owner of this end closed it. */
    void closed(NetStream end) {
        forget(end);
        Pipe out = end.out();
        if (!end.other().isAccepted()) {
            out.clear();
            return;
        }
        if (!out.isHeld() && random.nextInt(4) == 0) {
            out.cutAfter(random.nextInt(out.size() + 1));
        }
        out.finish(Closed.BY_PEER);
    }

    void forget(NetStream end) {
        open.remove(end);
    }

    /** Tells an end that there is no other one; it does not hear it if the way is closed. */
    void reset(NetStream end) {
        Pipe back = end.other().out();
        if (end.isClosed() || back.isBlocked() || back.isHeld()) {
            return;
        }
        long arrival = scheduler.now() + link(end.peer(), end.node()).latencyNanos();
        scheduler.at(arrival, end.node(), "reset", end, () -> end.ended(Closed.RESET));
    }

    /** Its kernel sends what it has and closes the connections; without power, nobody says anything. */
    private void processEnded(NodeProcess process, boolean powerLost) {
        acceptors.remove(process.node());
        for (NetStream end : List.copyOf(open)) {
            if (end.process() != process) {
                continue;
            }
            open.remove(end);
            Pipe out = end.out();
            if (!end.other().isAccepted()) {
                out.clear();
            } else if (powerLost) {
                out.cutAfter(random.nextInt(out.size() + 1));
            } else if (random.nextBoolean() || out.isBlocked() || out.isHeld()) {
                out.finish(Closed.RESET);
            } else {
                out.clear();
                reset(end.other());
            }
            end.other().out().receiverEnded();
        }
    }

    // ---- faults

    /** Nothing gets from one to the other any more; in the other direction, it may. Faults of the same link add up. */
    public void block(int from, int to) {
        link(from, to).block();
    }

    /** Takes back one {@link #block}. What was sent meanwhile arrives now, where both ends still live. */
    public void unblock(int from, int to) {
        retry(link(from, to).unblock());
    }

    public boolean isBlocked(int from, int to) {
        return link(from, to).blocked();
    }

    /** Both directions. */
    public void partition(int a, int b) {
        block(a, b);
        block(b, a);
    }

    public void heal(int a, int b) {
        unblock(a, b);
        unblock(b, a);
    }

    /** A slow way in one direction. */
    public void slow(int from, int to, long bytesPerSecond, Latency slower) {
        link(from, to).setBytesPerSecond(bytesPerSecond);
        link(from, to).setLatency(slower);
    }

    public void endSlow(int from, int to) {
        link(from, to).setBytesPerSecond(0);
        link(from, to).setLatency(latency);
    }

    /** How the two ends of a broken connection hear of it. */
    public enum Break {
        /** Both at once. */
        BOTH,
        /** The end with the lower node at once, the other when the time is over, or when it is told so on its own attempt. */
        HALF_OPEN_HIGH,
        /** The other way round. */
        HALF_OPEN_LOW
    }

    /** Breaks one connection. What is under way is lost; towards the end that does not know yet, it may still arrive. */
    public void breakStream(NetStream stream, Break how, long lateNanos) {
        NetStream low = stream.node() < stream.peer() ? stream : stream.other();
        NetStream first = how == Break.HALF_OPEN_LOW ? low.other() : low;
        NetStream second = first.other();
        second.out().clear();
        if (how == Break.BOTH) {
            first.out().clear();
            second.ended(Closed.RESET);
            first.ended(Closed.RESET);
            return;
        }
        long until = scheduler.now() + lateNanos;
        second.out().silence(until);
        first.ended(Closed.RESET, random.nextInt(first.out().size() + 1));
        scheduler.at(until, second.node(), "half open is over", second, () -> reset(second));
    }

    /** What is under way in a connection, and what is sent into it, arrives not before that much later. */
    public void hold(NetStream stream, boolean bothDirections, long nanos) {
        long until = scheduler.now() + nanos;
        stream.out().hold(until);
        if (bothDirections) {
            stream.other().out().hold(until);
        }
    }

    /**
     * Of what one node sends to another on the next data stream, that many messages arrive; what follows does so much later.
     *
     * @param answers whether it is the receiver who dials that stream
     */
    public void holdNext(int from, int to, boolean answers, int delivered, long nanos) {
        lateHolds.put(key(from, to), new LateHold(answers, delivered, nanos));
    }

    /** The open streams between two nodes, whoever dialled, by age; ends at {@code a}. */
    public List<NetStream> streams(int a, int b) {
        return open.stream()
                .filter(end -> end.node() == a && end.peer() == b && !end.isClosed())
                .toList();
    }

    /** Ends all partitions and slowness; broken and held connections stay what they are. */
    public void healAll() {
        lateHolds.clear();
        List<Runnable> all = new ArrayList<>();
        links.values().forEach(link -> all.addAll(link.clear(latency)));
        retry(all);
    }

    private static void retry(List<Runnable> stalled) {
        stalled.forEach(Runnable::run);
    }

    /** The end of the simulation: everything under way is lost, and so given back. */
    public void loseAll() {
        List.copyOf(busy).forEach(Pipe::clear);
    }

    // ---- for its parts

    void busy(Pipe pipe) {
        busy.add(pipe);
    }

    void idle(Pipe pipe, boolean empty) {
        if (empty) {
            busy.remove(pipe);
        }
    }

    Scheduler scheduler() {
        return scheduler;
    }

    Transfer transfer() {
        return transfer;
    }

    long windowBytes() {
        return WINDOW_BYTES;
    }

    void countDelivered() {
        delivered++;
    }

    void countLost() {
        lost++;
    }

    public long delivered() {
        return delivered;
    }

    /** Messages that were sent and never arrive. */
    public long lost() {
        return lost;
    }

    private NodeProcess host(int node) {
        NodeProcess host = hosts.get(node);
        if (host == null) {
            throw new IllegalArgumentException("no machine " + node);
        }
        return host;
    }

    private static long key(int from, int to) {
        return ((long) from << 32) | to;
    }

    private Link link(int from, int to) {
        return links.computeIfAbsent(
                key(from, to), key -> new Link(from, to, random.stream("link " + from + " to", to), latency));
    }
}
