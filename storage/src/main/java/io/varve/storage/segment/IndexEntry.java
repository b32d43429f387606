// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

/**
 * A batch begins at this offset and position, and no record before it is newer than {@code newestBefore}.
 *
 * <p><i>immutable</i>
 */
record IndexEntry(long offset, int position, long newestBefore) {}
