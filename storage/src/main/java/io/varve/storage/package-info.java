// SPDX-License-Identifier: Apache-2.0
/**
 * The commit log on disk. Knows no network and no cluster.
 */
@NullMarked
package io.varve.storage;

import org.jspecify.annotations.NullMarked;
