// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The readers of one replica. A reader that ends while it is called removes itself, so calls go over a copy. *Confined to the partition loop.* */
final class ReaderSet {
    private Set<PartitionReader> readers = Collections.emptySet(); // of thousands of partitions few have any

    void add(PartitionReader reader) {
        if (readers.isEmpty()) {
            readers = new LinkedHashSet<>();
        }
        readers.add(reader);
    }

    void remove(PartitionReader reader) {
        readers.remove(reader);
        forgetIfEmpty();
    }

    void pumpAll() {
        if (!readers.isEmpty()) {
            List.copyOf(readers).forEach(PartitionReader::pump);
        }
    }

    void endAll(RejectReason reason, String message) {
        List.copyOf(readers).forEach(reader -> reader.end(reason, message));
        readers.clear();
        forgetIfEmpty();
    }

    private void forgetIfEmpty() {
        if (readers.isEmpty()) {
            readers = Collections.emptySet();
        }
    }
}
