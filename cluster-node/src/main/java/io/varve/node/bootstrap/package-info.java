// SPDX-License-Identifier: Apache-2.0
/**
 * Start-up and shutdown as a list of steps. The only package that knows all components of the node.
 */
@NullMarked
package io.varve.node.bootstrap;

import org.jspecify.annotations.NullMarked;
