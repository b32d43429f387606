// SPDX-License-Identifier: Apache-2.0
/**
 * The whole cluster in one thread from one seed: real cores, real log code, and a simulated world around them. Packages:
 * {@code engine} is time, chance, network and faults and knows no node; {@code node} assembles the cores of one node;
 * {@code world} is clients and administrators; {@code check} the invariants; {@code run} the program.
 */
@NullMarked
package io.varve.simulation;

import org.jspecify.annotations.NullMarked;
