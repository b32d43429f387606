// SPDX-License-Identifier: Apache-2.0
/**
 * The node process.
 */
@NullMarked
package io.varve.node;

import org.jspecify.annotations.NullMarked;
