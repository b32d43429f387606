// SPDX-License-Identifier: Apache-2.0
/**
 * The metadata of the cluster as immutable values, and their bytes. Depends on nothing but the generated messages:
 * no clock, no chance, no threads, no files.
 */
@NullMarked
package io.varve.metadata.image;

import org.jspecify.annotations.NullMarked;
