// SPDX-License-Identifier: Apache-2.0
/** Looks into files of a node, also while it runs: only reads. */
@NullMarked
package io.varve.node.debug;

import org.jspecify.annotations.NullMarked;
