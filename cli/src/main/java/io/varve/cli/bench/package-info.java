// SPDX-License-Identifier: Apache-2.0
/**
 * Load from the command line, and what it cost. Asks {@code io.varve.cli.local} which process is the node; knows nothing
 * else of the other packages.
 */
@NullMarked
package io.varve.cli.bench;

import org.jspecify.annotations.NullMarked;
