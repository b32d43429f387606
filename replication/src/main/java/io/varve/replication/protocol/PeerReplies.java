// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.protocol;

/**
 * Where the answers to a message go: the inbound stream that carried it. Never blocks; what is said after that stream has closed is dropped, for the
 * sessions on it are over (P7). *Confined* to the loop of the replica that was handed it.
 */
public interface PeerReplies {
    void reply(ReplicaMessage.ToLeader message);
}
