// SPDX-License-Identifier: Apache-2.0
/**
 * The node process: its commands. May depend on every package of this module; none may depend on it.
 */
@NullMarked
package io.varve.node;

import org.jspecify.annotations.NullMarked;
