// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

import java.util.Comparator;
import java.util.UUID;

/**
 * Names one attempt to change something, over all its retries. *Immutable.*
 *
 * @param client drawn at random by each process that submits
 * @param sequence counts within that process, from 1
 */
public record RequestId(UUID client, long sequence) implements Comparable<RequestId> {

    private static final Comparator<RequestId> ORDER =
            Comparator.comparing(RequestId::client).thenComparingLong(RequestId::sequence);

    @Override
    public int compareTo(RequestId other) {
        return ORDER.compare(this, other);
    }
}
