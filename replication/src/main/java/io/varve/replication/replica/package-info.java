// SPDX-License-Identifier: Apache-2.0
/**
 * One replica of one partition as a pure core: its log, its high watermark, its producers, and the role that the metadata gives it. Leader and follower
 * are parts of it; what they share, and how one becomes the other, is decided here.
 */
@NullMarked
package io.varve.replication.replica;

import org.jspecify.annotations.NullMarked;
