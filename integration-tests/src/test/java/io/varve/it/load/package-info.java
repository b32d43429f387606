/**
 * Producers and consumers that remember what happened.
 */
@NullMarked
package io.varve.it.load;

import org.jspecify.annotations.NullMarked;
