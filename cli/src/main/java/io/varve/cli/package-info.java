// SPDX-License-Identifier: Apache-2.0
/**
 * The varve command, a thin client of the public API.
 */
@NullMarked
package io.varve.cli;

import org.jspecify.annotations.NullMarked;
