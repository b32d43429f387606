// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.producer;

/** The earliest time at which something is to be done. <i>Confined to the core's thread.</i> */
final class Alarm {
    private long atNanos = PartitionQueue.NEVER;

    long atNanos() {
        return atNanos;
    }

    void at(long nanos) {
        atNanos = Math.min(atNanos, nanos);
    }

    void clear() {
        atNanos = PartitionQueue.NEVER;
    }
}
