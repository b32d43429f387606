// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

/** How a producer compresses its batches. Consumers recognise it by themselves. */
public enum Codec {
    NONE,
    GZIP,
    SNAPPY,
    LZ4,
    ZSTD
}
