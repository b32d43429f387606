// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.producer;

/**
 * Under which id and epoch sequences are given out. An epoch is <i>spent</i> once some partition's sequence has a hole
 * that will never be filled; it is then replaced, as soon as nothing of unknown fate is outstanding anywhere (P40).
 * <i>Confined to the core's thread.</i>
 */
final class ProducerIdentity {
    private static final long NONE = -1;

    private long id = NONE;
    private short epoch;
    private boolean spent;
    private boolean idUnusable;
    private boolean asking;
    private int failures;
    private long retryAtNanos;

    boolean present() {
        return id != NONE;
    }

    boolean spent() {
        return spent;
    }

    long id() {
        return id;
    }

    short epoch() {
        return epoch;
    }

    void spend() {
        spent = true;
    }

    /** Spends the epoch, and the id with it: someone else uses it. */
    void spendId() {
        spent = true;
        idUnusable = true;
    }

    /** The next epoch of the same id, or no id at all if it has none left: then ask for another. */
    void renew() {
        spent = false;
        if (idUnusable || epoch == Short.MAX_VALUE) {
            id = NONE;
            epoch = 0;
            idUnusable = false;
        } else {
            epoch++;
        }
    }

    /** Whether to ask for an id now; if so, it counts as asked for. */
    boolean ask(long nowNanos) {
        if (present() || asking || nowNanos < retryAtNanos) {
            return false;
        }
        asking = true;
        return true;
    }

    /** When the id that was refused is to be asked for again; {@link PartitionQueue#NEVER} if that is not what it waits for. */
    long nextAskNanos(long nowNanos) {
        return present() || asking || retryAtNanos <= nowNanos ? PartitionQueue.NEVER : retryAtNanos;
    }

    void granted(long newId, short newEpoch) {
        asking = false;
        failures = 0;
        id = newId;
        epoch = newEpoch;
    }

    /** Returns when to ask again. */
    long refused(long nowNanos) {
        asking = false;
        failures++;
        retryAtNanos = nowNanos + Backoff.nanos(failures, nowNanos);
        return retryAtNanos;
    }
}
