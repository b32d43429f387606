// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal;

import java.time.Duration;
import java.util.List;

/** A client's settings, checked. <i>Immutable.</i> */
public record ClientSettings(List<NodeAddress> bootstrap, String clientId, String rack, Duration requestTimeout) {
    public ClientSettings {
        bootstrap = List.copyOf(bootstrap);
        if (bootstrap.isEmpty()) {
            throw new IllegalArgumentException("no bootstrap address: give at least one host:port");
        }
        Checks.range("requestTimeout (ms)", requestTimeout.toMillis(), 1, 3_600_000L);
    }
}
