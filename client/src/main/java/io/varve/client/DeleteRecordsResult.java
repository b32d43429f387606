// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import java.util.Optional;

/**
 * What became of one partition whose records were to be deleted up to an offset. <i>Immutable.</i>
 *
 * @param logStartOffset the first offset that still exists; -1 if it failed
 */
public record DeleteRecordsResult(TopicPartition partition, long logStartOffset, Optional<VarveException> error) {}
