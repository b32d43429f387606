/**
 * What the replicas of a partition say to each other, what the metadata says to them, and the rules they keep: the words that leader, follower and peer
 * link share. Pure values; nothing in here decides anything.
 */
@NullMarked
package io.varve.replication.protocol;

import org.jspecify.annotations.NullMarked;
