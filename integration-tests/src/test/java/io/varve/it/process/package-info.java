/**
 * Real nodes as child processes, and disks that lose their power or their space.
 */
@NullMarked
package io.varve.it.process;

import org.jspecify.annotations.NullMarked;
