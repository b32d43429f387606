// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import io.varve.client.Header;
import io.varve.client.ProducerRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the command line says about every record; the input of a record wins where it says something. Immutable. */
record RecordTemplate(String topic, @Nullable Integer partition, byte @Nullable [] key, List<Header> headers) {
    ProducerRecord<byte[], byte[]> of(byte @Nullable [] value) {
        return new ProducerRecord<>(topic, partition, null, key, value, headers);
    }

    ProducerRecord<byte[], byte[]> of(RecordSource.InputRecord input) {
        return new ProducerRecord<>(
                topic,
                input.partition() == null ? partition : input.partition(),
                input.timestampMillis(),
                input.key() == null ? key : input.key(),
                input.value(),
                headers);
    }
}
