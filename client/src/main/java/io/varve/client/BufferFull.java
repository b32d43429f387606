// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

/** What a send does when all of a producer's buffer memory is taken by records that are under way. */
public enum BufferFull {
    /** The send fails at once with {@link io.varve.client.errors.BufferExhaustedException}; nothing was sent. */
    FAIL,
    /** The caller waits for room, at most for the delivery timeout, then as {@link #FAIL}. */
    BLOCK
}
