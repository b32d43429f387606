// SPDX-License-Identifier: Apache-2.0
/**
 * The commit log on disk: data directories, partition logs, the chunks that go into them and the cache of their tails. Knows no network and no
 * cluster; depends on {@code io.varve.record} and Netty's buffers. The packages below are its inside, but for {@code file} (the file system port) and
 * {@code testkit} (its simulated twin).
 */
@NullMarked
package io.varve.storage;

import org.jspecify.annotations.NullMarked;
