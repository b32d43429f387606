// SPDX-License-Identifier: Apache-2.0
/**
 * One partition's log as a row of segments: writing, reading, recovery, retention. {@code SegmentedLog} and its {@code LogHome} are seen by the
 * package {@code directory}, nothing by anybody else.
 */
@NullMarked
package io.varve.storage.segment;

import org.jspecify.annotations.NullMarked;
