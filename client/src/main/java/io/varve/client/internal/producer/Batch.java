// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.producer;

import io.varve.client.ErrorDetails;
import org.jspecify.annotations.Nullable;

/**
 * Some records of one partition on their way, as one unit. The content is the shell's. <i>Confined to the core's thread
 * once it was handed over.</i>
 */
public final class Batch {
    static final int NO_SEQUENCE = -1;

    private final Object content;
    private final int recordCount;
    private final long deadlineNanos;

    /** The first record's sequence under {@link #producerEpoch}; fixed from the first attempt until an epoch bump. */
    int sequence = NO_SEQUENCE;

    long producerId = -1;
    short producerEpoch = -1;

    /** Some attempt may have been appended, now or later. Never cleared: only an answer that proves it settles it. */
    boolean fateUnknown;

    /** The attempt that counts; answers of any other one only tell that the connection let go of the bytes. */
    @Nullable
    Flight flight;

    /** Attempts that a connection may still read bytes for. The content is released at 0, never before. */
    int openFlights;

    int attempts;
    int epochsRefused;
    boolean settled;
    long baseOffset = -1;
    long logAppendTimeMs = -1;

    @Nullable
    ErrorDetails failure;

    /** The user knows. At most once. */
    boolean told;

    boolean released;

    public Batch(Object content, int recordCount, long deadlineNanos) {
        this.content = content;
        this.recordCount = recordCount;
        this.deadlineNanos = deadlineNanos;
    }

    public Object content() {
        return content;
    }

    public int recordCount() {
        return recordCount;
    }

    /** When its outcome must be known. */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /** The first record's sequence; -1 without idempotence. */
    public int sequence() {
        return sequence;
    }

    /** -1 without idempotence. */
    public long producerId() {
        return producerId;
    }

    /** -1 without idempotence. */
    public short producerEpoch() {
        return producerEpoch;
    }

    /** Whether a connection may still read bytes of an attempt other than the newest. */
    public boolean isShared() {
        return openFlights > 1;
    }

    /** How often it was sent. */
    public int attempts() {
        return attempts;
    }

    void forgetSequence() {
        sequence = NO_SEQUENCE;
        producerId = -1;
        producerEpoch = -1;
    }
}
