// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

/** Hears what became of a wish to move a log's start. One of both is called, once, on the partition's loop. */
public interface StartMoved {
    /** @param logStartOffset the first offset that is served now */
    void moved(long logStartOffset);

    void refused(RejectReason reason, String sentence);
}
