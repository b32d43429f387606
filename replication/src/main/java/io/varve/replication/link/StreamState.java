// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

/** How far an attempt at a stream has got. */
public enum StreamState {
    DOWN,
    CONNECTING,
    /** Hello is said, and not answered. */
    GREETING,
    UP
}
