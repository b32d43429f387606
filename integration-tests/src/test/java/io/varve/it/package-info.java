/**
 * Tests against real node processes: crashes, power losses, full disks, other languages. Sees every module.
 */
@NullMarked
package io.varve.it;

import org.jspecify.annotations.NullMarked;
