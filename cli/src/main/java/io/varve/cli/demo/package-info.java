// SPDX-License-Identifier: Apache-2.0
/**
 * {@code varve demo}: a cluster of its own, a leader killed under load, and a ledger that says whether anything is missing.
 */
@NullMarked
package io.varve.cli.demo;

import org.jspecify.annotations.NullMarked;
