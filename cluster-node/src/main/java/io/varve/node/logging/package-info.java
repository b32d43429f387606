// SPDX-License-Identifier: Apache-2.0
/**
 * Where log lines go and what they look like.
 */
@NullMarked
package io.varve.node.logging;

import org.jspecify.annotations.NullMarked;
