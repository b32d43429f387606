// SPDX-License-Identifier: Apache-2.0
/**
 * One partition on one node: the thread-safe handle {@link io.varve.replication.Partition}, the loops that own its state, and its readers. What is
 * decided about a partition is decided in {@link io.varve.replication.leader}; this package is the thin shell that gives it threads, a clock and a
 * log. Sees record, storage and jctools; never gRPC.
 */
@NullMarked
package io.varve.replication;

import org.jspecify.annotations.NullMarked;
