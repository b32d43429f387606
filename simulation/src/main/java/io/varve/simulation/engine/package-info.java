// SPDX-License-Identifier: Apache-2.0
/**
 * Time, chance, network, clocks, the ideal log of the controller, and plans of faults. Everything here is confined to the
 * one thread that runs a simulation, and depends on nothing but the seed.
 */
@NullMarked
package io.varve.simulation.engine;

import org.jspecify.annotations.NullMarked;
