// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import io.varve.metadata.controller.CommandPort.Completion;
import org.jspecify.annotations.Nullable;

/** One command on its way into the ideal log. */
final class IdealEntry {
    final byte[] bytes;
    final long term;
    private final @Nullable Voter submitter;
    private final long incarnation;
    private @Nullable Completion completion;

    /** @param submitter null if nobody waits: a duplicate */
    IdealEntry(byte[] bytes, long term, @Nullable Voter submitter, @Nullable Completion completion) {
        this.bytes = bytes;
        this.term = term;
        this.submitter = submitter;
        this.incarnation = submitter == null ? 0 : submitter.process().incarnation();
        this.completion = completion;
    }

    boolean isOf(Voter voter) {
        return submitter == voter && incarnation == voter.process().incarnation();
    }

    /** Who waits for the answer; asked once, because there is one answer. */
    @Nullable
    Completion takeCompletion() {
        Completion taken = completion;
        completion = null;
        return taken;
    }
}
