// SPDX-License-Identifier: Apache-2.0
/**
 * Tests of the sources themselves: which module may see which, what pure cores stay away from, how large things grow.
 * They read files and classes; they start nothing.
 */
@NullMarked
package io.varve.it.tidy;

import org.jspecify.annotations.NullMarked;
