// SPDX-License-Identifier: Apache-2.0
/**
 * How nodes that are no voters get the metadata: a voter's feed of committed deltas, and the follower of such feeds. Only
 * what is committed and applied is ever sent, so a follower never has to take anything back. Pure: events in, ports out.
 */
@NullMarked
package io.varve.metadata.stream;

import org.jspecify.annotations.NullMarked;
