// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import io.varve.client.ConsumerRecord;

/**
 * A record as consumed, with what a format can show beside it. Immutable, as far as its key and value are.
 *
 * @param log the partition when the command started
 * @param index counts the records printed, from 0
 */
record ReadRecord(ConsumerRecord<byte[], byte[]> record, Log log, long index) {
    record Log(long startOffset, long highWatermark) {}
}
