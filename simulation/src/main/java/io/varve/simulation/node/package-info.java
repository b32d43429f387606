/**
 * A whole node of the cluster in the simulated world: the real cores and the real log, on a simulated disk, network and clock. What a node's threads do in
 * production, events of one loop do here.
 */
@NullMarked
package io.varve.simulation.node;

import org.jspecify.annotations.NullMarked;
