// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.metadata.image.Endpoint;
import io.varve.node.config.HostPort;
import io.varve.node.peer.PeerListener;
import java.util.ArrayList;
import java.util.List;

/** Under which addresses clients and other nodes reach this node. */
record Reachable(AddressesStep addresses, PeerListenerStep peers) {

    /** To be registered, once the ports are known. */
    List<Endpoint> endpoints() {
        List<Endpoint> endpoints = new ArrayList<>();
        addresses.listeners().forEach(listener -> endpoints.add(endpoint(listener.name(), listener.advertised())));
        endpoints.add(endpoint(PeerListener.ENDPOINT, peers.advertised()));
        return endpoints;
    }

    private static Endpoint endpoint(String name, HostPort address) {
        return new Endpoint(name, address.host(), address.port());
    }
}
