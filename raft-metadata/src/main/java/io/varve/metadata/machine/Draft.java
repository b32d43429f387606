// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.MetadataRecord;
import io.varve.metadata.image.MetadataRecord.PartitionRecord;
import io.varve.metadata.image.PartitionImage;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The image in the making, and the records that made it, while one command is applied. Dropped if anything fails. */
final class Draft {

    private final MetadataImage before;
    private final ApplyContext context;
    private final List<MetadataRecord> records = new ArrayList<>();
    private MetadataImage image;

    Draft(MetadataImage before, ApplyContext context) {
        this.before = before;
        this.context = context;
        this.image = before;
    }

    ApplyContext context() {
        return context;
    }

    MetadataImage before() {
        return before;
    }

    /** As changed so far. */
    MetadataImage image() {
        return image;
    }

    boolean isEmpty() {
        return records.isEmpty();
    }

    List<MetadataRecord> records() {
        return records;
    }

    void emit(MetadataRecord r) {
        image = image.plus(r);
        records.add(r);
    }

    /** Emits a partition unless it is what the image has. */
    void emit(UUID topicId, PartitionImage p) {
        if (!image.partition(topicId, p.partition()).equals(java.util.Optional.of(p))) {
            emit(new PartitionRecord(topicId, p));
        }
    }

    MetadataImage finish() {
        return image.at(context.index(), context.term());
    }

    MetadataDelta delta() {
        return new MetadataDelta(context.index(), context.term(), before.index(), records);
    }
}
