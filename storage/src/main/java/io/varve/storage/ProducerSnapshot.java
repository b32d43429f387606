// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import java.nio.ByteBuffer;

/**
 * The state of all producers of a log as of {@code endOffset} (exclusive), as opaque bytes. Its owner replays the batches from {@code endOffset} on.
 *
 * @param state read-only
 */
public record ProducerSnapshot(long endOffset, ByteBuffer state) {}
