// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

/** A report with the registration under which it was given. *Immutable.* */
public record NodeReport(int nodeId, long brokerEpoch, ReplicaReport report) {}
