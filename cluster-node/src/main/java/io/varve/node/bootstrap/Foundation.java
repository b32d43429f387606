// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.node.config.NodeConfig;

/** The steps that everything above them stands on. What they hand out is there once they have started. */
record Foundation(
        NodeConfig config,
        ThreadsStep threads,
        DataDirectoryStep data,
        PeerListenerStep peers,
        MetadataStep metadata,
        ControllerStep controller,
        BrokerStep broker) {}
