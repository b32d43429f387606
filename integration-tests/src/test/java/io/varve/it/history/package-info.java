/**
 * What producers were told and what consumers read, and whether the two agree. Depends on nothing.
 */
@NullMarked
package io.varve.it.history;

import org.jspecify.annotations.NullMarked;
