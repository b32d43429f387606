// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.journal;

import java.nio.file.Path;

/**
 * A batch that the journal has of a log.
 *
 * @param crc the batch's own
 * @param proven a later group exists, so this one was flushed: that its batch is whole is certain, and if it is not, it was damaged
 *     <p><i>immutable</i>
 */
public record Piece(long baseOffset, Path file, long position, int sizeBytes, int crc, boolean proven) {}
