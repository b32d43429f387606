// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.send;

import io.varve.client.BufferFull;
import io.varve.client.ErrorCode;
import io.varve.client.ErrorDetails;
import io.varve.client.Outcome;
import io.varve.client.VarveException;
import io.varve.client.errors.BufferExhaustedException;
import io.varve.client.errors.InterruptException;
import io.varve.client.internal.ProducerSettings;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What happens to a send when memory is taken. <i>Thread-safe.</i> */
final class Room {
    private final MemoryBudget budget;
    private final BufferFull policy;
    private final long patienceNanos;

    Room(MemoryBudget budget, ProducerSettings settings) {
        this.budget = budget;
        this.policy = settings.bufferFull();
        this.patienceNanos = settings.deliveryTimeout().toNanos();
    }

    /** Reserves, waiting if that is the policy; returns why not. */
    @Nullable
    VarveException reserve(long bytes) {
        if (budget.tryReserve(bytes)) {
            return null;
        }
        if (policy == BufferFull.FAIL || bytes > budget.totalBytes()) {
            return exhausted(bytes, "");
        }
        try {
            return budget.reserveWithin(bytes, patienceNanos)
                    ? null
                    : exhausted(bytes, ", and no room came within " + patienceNanos / 1_000_000 + " ms");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new InterruptException(details("INTERRUPTED", "interrupted while waiting for buffer memory", ""));
        }
    }

    private VarveException exhausted(long bytes, String more) {
        return new BufferExhaustedException(details(
                "BUFFER_EXHAUSTED",
                "a batch needs " + bytes + " bytes of buffer memory, " + budget.usedBytes() + " of "
                        + budget.totalBytes() + " are taken" + more,
                "send more slowly, raise bufferMemory, or let sends wait with BufferFull.BLOCK"));
    }

    private ErrorDetails details(String reason, String message, String hint) {
        return new ErrorDetails(
                ErrorCode.RESOURCE_EXHAUSTED,
                reason,
                message,
                hint,
                true,
                Outcome.NOT_APPLIED,
                Map.of("limit", Long.toString(budget.totalBytes())),
                null);
    }
}
