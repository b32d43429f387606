@NullMarked
package io.varve.simulation.engine;

import org.jspecify.annotations.NullMarked;
