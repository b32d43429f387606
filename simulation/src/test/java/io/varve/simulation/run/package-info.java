@NullMarked
package io.varve.simulation.run;

import org.jspecify.annotations.NullMarked;
