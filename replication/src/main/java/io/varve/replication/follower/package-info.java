// SPDX-License-Identifier: Apache-2.0
/**
 * The follower of one partition as a pure core: messages of the leader and progress of the log in, answers and changes of the log out. No thread, clock,
 * randomness, file or network in here; time comes as a field of an event.
 */
@NullMarked
package io.varve.replication.follower;

import org.jspecify.annotations.NullMarked;
