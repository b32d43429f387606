// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata;

/**
 * Hears what happens to one voter, one call at a time, in log order. Called on the thread that applies the log: do
 * nothing but enqueue, never block, never wait for {@link MetadataQuorum#submit}.
 */
public interface QuorumListener extends MetadataListener {

    /** This voter leads, and everything of earlier terms is in {@link MetadataQuorum#image()}. Once per term. */
    default void onLeaderReady(long term) {}

    /** This voter no longer leads. May come without {@link #onLeaderReady}, and more than once. */
    default void onNotLeader() {}

    /** This voter is dead (log failed, state diverged). The process must stop; a restart may help. Called once. */
    default void onFatal(Throwable cause) {}
}
