// SPDX-License-Identifier: Apache-2.0
/**
 * The inside of a data directory: its lock, its identity, the files that all logs share, and the set of logs. Only {@code OpenDirectory}, {@code NewDirectory}
 * and {@code DirectoryCheck} are seen from outside, by {@code DataDirectory} and {@code StorageCheck}.
 */
@NullMarked
package io.varve.storage.directory;

import org.jspecify.annotations.NullMarked;
