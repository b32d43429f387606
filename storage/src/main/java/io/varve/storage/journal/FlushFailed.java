// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.journal;

import io.varve.storage.StorageException;
import java.io.IOException;

/** A flush failed, whatever the reason: a full disk is no excuse then (P36). */
final class FlushFailed extends IOException {
    private static final long serialVersionUID = 1L;

    final StorageException why;

    FlushFailed(StorageException why) {
        super(why);
        this.why = why;
    }
}
