/**
 * Simulated programs on hosts of their own: producers around the real producer core, consumers, administrators; and what
 * they say to a node, as messages.
 */
@NullMarked
package io.varve.simulation.client;

import org.jspecify.annotations.NullMarked;
