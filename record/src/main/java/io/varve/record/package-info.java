// SPDX-License-Identifier: Apache-2.0
/**
 * RecordBatch v2: codec, builders, readers, compression, murmur2. Depends on no other module; knows no network and no files.
 */
@NullMarked
package io.varve.record;

import org.jspecify.annotations.NullMarked;
