@NullMarked
package io.varve.simulation.node;

import org.jspecify.annotations.NullMarked;
