// SPDX-License-Identifier: Apache-2.0
/**
 * The leader of one partition as a pure core: events in, calls on two ports out. No thread, clock, randomness, file or network in here; time comes as
 * a field of an event. Sees batch headers and {@code Chunk}s and nothing else of the outside.
 */
@NullMarked
package io.varve.replication.leader;

import org.jspecify.annotations.NullMarked;
