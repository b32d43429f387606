// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import java.time.Duration;
import java.time.Instant;

/** How long the process has been there. */
final class Uptime {

    private Uptime() {}

    /** Milliseconds since the process began, the virtual machine's own start included. */
    static long millis() {
        Instant now = Instant.now();
        return Duration.between(ProcessHandle.current().info().startInstant().orElse(now), now)
                .toMillis();
    }
}
