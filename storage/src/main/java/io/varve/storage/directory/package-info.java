// SPDX-License-Identifier: Apache-2.0
/**
 * The inside of a data directory: its lock, its identity, the files that all logs share, and the set of logs. Only {@code OpenDirectory} is seen from
 * outside, by {@code DataDirectory}.
 */
@NullMarked
package io.varve.storage.directory;

import org.jspecify.annotations.NullMarked;
