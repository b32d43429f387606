// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.node.bootstrap.StartFailure.Reason;
import io.varve.node.config.HostPort;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Turns what can go wrong with an address into a sentence. */
final class Addresses {

    private Addresses() {}

    /** Resolves an address to bind. */
    static InetSocketAddress resolve(String setting, HostPort address) throws StartFailure {
        InetSocketAddress resolved = address.resolve();
        if (resolved.isUnresolved()) {
            throw new StartFailure(
                    Reason.ADDRESS_UNUSABLE,
                    "%s: the host %s is unknown".formatted(setting, address.host()),
                    "set " + setting + " to an address of this machine");
        }
        return resolved;
    }

    /**
     * Fails if the address cannot be bound now. A look in advance: the parts that bind later report the same trouble
     * late and in their own words.
     */
    static void requireFree(String setting, HostPort address) throws StartFailure {
        InetSocketAddress resolved = resolve(setting, address);
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(resolved);
        } catch (IOException e) {
            throw failure(setting, address, e);
        }
    }

    /** The sentence for an address that could not be bound. */
    static StartFailure failure(String setting, HostPort address, IOException cause) {
        String message = String.valueOf(cause.getMessage());
        if (cause instanceof BindException && message.contains("in use")) {
            return new StartFailure(
                    Reason.ADDRESS_IN_USE,
                    "%s: the address %s is in use by another process".formatted(setting, address),
                    "stop that process (find it with: ss -ltnp 'sport = :%d'), or set another port in %s"
                            .formatted(address.port(), setting),
                    cause);
        }
        return new StartFailure(
                Reason.ADDRESS_UNUSABLE,
                "%s: cannot listen on %s: %s".formatted(setting, address, message),
                "set " + setting + " to an address of this machine and a port that this user may open",
                cause);
    }
}
