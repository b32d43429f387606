// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

/** Times and bounds of a link. *Immutable.* */
public record LinkSettings(Times times, Limits limits) {
    public static final LinkSettings DEFAULT = new LinkSettings(Times.DEFAULT, Limits.DEFAULT);

    /**
     * @param pulseNanos between two signs of life
     * @param pulseTimeoutNanos an older unanswered one means that the link is broken
     * @param bulkTimeoutNanos the same on the bulk streams, where a pulse waits behind data
     * @param greetingTimeoutNanos for all three streams to connect and greet
     * @param backoffMinNanos before the second attempt; doubles
     * @param jitterNanos added to every backoff, so that the nodes of a cluster do not dial in step: drawn by whoever makes the link
     */
    public record Times(
            long pulseNanos,
            long pulseTimeoutNanos,
            long bulkTimeoutNanos,
            long greetingTimeoutNanos,
            long backoffMinNanos,
            long backoffMaxNanos,
            long jitterNanos) {
        private static final long MILLI = 1_000_000;
        public static final Times DEFAULT =
                new Times(500 * MILLI, 2_000 * MILLI, 6_000 * MILLI, 2_000 * MILLI, 50 * MILLI, 1_000 * MILLI, 0);

        public Times withJitterNanos(long nanos) {
            return new Times(
                    pulseNanos,
                    pulseTimeoutNanos,
                    bulkTimeoutNanos,
                    greetingTimeoutNanos,
                    backoffMinNanos,
                    backoffMaxNanos,
                    nanos);
        }
    }

    /**
     * @param partitionInFlightBytes handed to one stream and not yet answered, of one partition; a single larger message goes alone
     * @param streamInFlightBytes the same, of all partitions
     * @param frameBytes of one frame, unless it holds a single larger message; also what may be written ahead of the transport
     * @param quantumBytes that a partition may send before it is another one's turn
     * @param queueHighBytes from here on the leaders are asked to stop
     * @param queueLowBytes down here they may go on
     * @param queueMaxBytes what exceeds it is refused as BUSY
     * @param queueMaxMessages the same, in messages
     */
    public record Limits(
            long partitionInFlightBytes,
            long streamInFlightBytes,
            int frameBytes,
            int quantumBytes,
            long queueHighBytes,
            long queueLowBytes,
            long queueMaxBytes,
            int queueMaxMessages) {
        public static final Limits DEFAULT =
                new Limits(4 << 20, 32 << 20, 1 << 20, 64 << 10, 32 << 20, 16 << 20, 256 << 20, 1 << 16);

        public Limits {
            if (quantumBytes < 1
                    || frameBytes < 1
                    || queueLowBytes > queueHighBytes
                    || queueHighBytes > queueMaxBytes) {
                throw new IllegalArgumentException("limits of a link contradict each other: quantum " + quantumBytes
                        + ", frame " + frameBytes + ", queue " + queueLowBytes + ", " + queueHighBytes + ", "
                        + queueMaxBytes);
            }
        }
    }
}
