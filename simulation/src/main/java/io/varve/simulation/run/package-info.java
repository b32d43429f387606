// SPDX-License-Identifier: Apache-2.0
/** Runs seeds: the program behind {@code dev/sim}, its statistics, and the search for a smaller failing schedule. */
@NullMarked
package io.varve.simulation.run;

import org.jspecify.annotations.NullMarked;
