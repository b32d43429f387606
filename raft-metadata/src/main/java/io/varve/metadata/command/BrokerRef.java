// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.command;

/** One registration of one node. *Immutable.* */
public record BrokerRef(int nodeId, long brokerEpoch) {}
