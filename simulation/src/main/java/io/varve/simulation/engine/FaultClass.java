// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

/**
 * What can go wrong, and what people do to a cluster meanwhile. Each says what the fields of a {@link Fault} mean to it; the duration is how long it lasts,
 * or how long the node is down.
 */
public enum FaultClass {
    /** The process of each node dies; what it wrote is still there. */
    CRASH(2.5),
    /** Machines lose their power, one, several or all. */
    POWER_LOSS(1.5),
    /** The process dies in the middle of its I/O, {@code amount} operations from now; an odd number takes the power, too. */
    CRASH_IN_IO(2),
    /** The process stops and goes on later, as if nothing had happened. */
    PAUSE(2),
    /** Many short pauses, {@code amount} ms on average. */
    STUTTER(1.5),
    /** The monotonic clock runs at {@code amount} per mille. */
    CLOCK_RATE(1.5),
    /** The wall clock jumps by {@code amount} ms. */
    WALL_JUMP(1.5),
    /** The nodes are cut off from all others; if {@code amount} is 1, from clients too. */
    PARTITION(2.5),
    /** Nothing gets from the nodes to others ({@code amount} 0), or from others to them (1). */
    ONE_WAY(2),
    /** Connections between two nodes break, and one end hears of it late. */
    HALF_OPEN(3),
    /** What is under way between two nodes is held, and delivered when the fault ends. */
    LIMBO(3),
    /** Connections between two nodes break. */
    STREAM_BREAK(4),
    /** {@code amount} bytes per second from one node to another. */
    SLOW_LINK(1.5),
    /** Every operation of the disk takes {@code amount} microseconds more, on average. */
    SLOW_DISK(1.5),
    /** Flushes take as long as the fault does. */
    FLUSH_STALL(2),
    /** An I/O error, {@code amount} operations from now; the node is started anew if it ends by that. */
    IO_ERROR(1),
    /** The disk is full. */
    DISK_FULL(1),
    /** The node comes back with an empty disk. */
    DISK_SWAP(0.7),
    /** The node comes back with its disk as it was {@code amount} ms before. */
    OLD_DISK(0.7),
    /** Another controller is elected. */
    CONTROLLER_FAILOVER(3),
    /** Answers of the controllers' log are lost with {@code amount} per mille, commands committed late, and twice, with as many. */
    AMBIGUOUS_COMMANDS(1.5),
    /** The nodes learn of the metadata {@code amount} ms later, on average. */
    DELAYED_METADATA(2),
    /** Nodes get snapshots of the metadata instead of changes, with {@code amount} per mille. */
    METADATA_SNAPSHOTS(1),
    /** Somebody creates a topic. */
    TOPIC_CREATE(1),
    /** Somebody deletes topic number {@code amount}. */
    TOPIC_DELETE(0.7),
    /** Somebody deletes topic number {@code amount} and creates one with its name when the fault ends. */
    TOPIC_RECREATE(0.7),
    /** Somebody adds partitions to topic number {@code amount}. */
    PARTITION_ADD(0.7),
    /** Somebody changes the minimum of topic number {@code amount}, and back when the fault ends. */
    MIN_ISR(1),
    /** Somebody asks for the preferred leaders. */
    PREFERRED_ELECTION(1.5),
    /** All nodes, one after the other: shut down in order, then started; each has the duration. */
    ROLLING_RESTART(0.7),
    /** One node shuts down in order, and is started after the duration. */
    CONTROLLED_RESTART(1.5),
    /** An operator looks for partitions that only an unclean recovery can save, and orders it. */
    OPERATOR(1),
    /**
     * The connections between two nodes break. Of what the first then sends to the second on the next data connection, some messages arrive, and what
     * follows is held for as long as the fault lasts. {@code amount} is twice how many arrive, plus one if it is the second that dials: then what is held
     * are answers.
     */
    LATE_LIMBO(3),
    /**
     * A machine loses its power for a moment, and {@code amount} ms later once more. What all others ask of the controllers from soon after the first on is held
     * for as long as the fault lasts: requests that are about the node's life before arrive in its life after. If {@code amount} is even, it comes back the
     * second time with its disk as it was 3 s before the first. The ways to it are slow then.
     */
    POWER_FLICKER(3),
    /** A bit of a file is another one than was written, of a segment that is not written any more or of what was made of one; {@code amount} says which. */
    BIT_ROT(3);

    private final double perMinute;

    FaultClass(double perMinute) {
        this.perMinute = perMinute;
    }

    /** How often, on average, when it is one of several. */
    double perMinute() {
        return perMinute;
    }
}
