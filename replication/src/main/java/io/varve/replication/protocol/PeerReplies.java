// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.protocol;

/**
 * Where the answers to a message go: the inbound stream that carried it. Never blocks; what is said after that stream has closed is dropped, for the
 * sessions on it are over (P7). *Confined* to the loop of the replica that was handed it.
 *
 * <p>An answer may come at any time, long after the message: with progress of the log, with metadata, or as the last word of a replica that is stopped.
 * Where replicas and inbox have loops of their own, the shell hands a replica an object that posts what is said to the inbox's loop, and the batch that
 * was posted is a turn there: {@link io.varve.replication.link.PeerInbox#endOfTurn} follows it, or nothing is written.
 */
public interface PeerReplies {
    void reply(ReplicaMessage.ToLeader message);
}
