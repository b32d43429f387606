/**
 * What must always hold, as classes that look at the whole cluster after events: a truth of what was committed and
 * acknowledged, a mirror of every log, and one class for each invariant. Nothing here changes what it looks at.
 */
@NullMarked
package io.varve.simulation.check;

import org.jspecify.annotations.NullMarked;
