// SPDX-License-Identifier: Apache-2.0
/**
 * The link between two nodes as pure cores, both ends: a leader's node dials {@code PeerLink}, a follower's node answers with {@code PeerInbox}. Streams
 * and their greeting, many partitions on few streams, bounds, signs of life. Knows nothing of what the messages mean beyond their session and their size.
 */
@NullMarked
package io.varve.replication.link;

import org.jspecify.annotations.NullMarked;
