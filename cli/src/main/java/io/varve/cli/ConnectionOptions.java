// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import io.varve.client.VarveClient;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How every command that talks to a cluster finds it. Confined to the thread of the command. */
public final class ConnectionOptions {
    private static final String DEFAULT_BOOTSTRAP = "localhost:7171";

    @Option(
            names = {"-b", "--bootstrap"},
            paramLabel = "HOST:PORT[,...]",
            description =
                    "A node of the cluster, or several (default: VARVE_BOOTSTRAP, else " + DEFAULT_BOOTSTRAP + ").")
    private @Nullable String bootstrap;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "8s",
            converter = Units.Time.class,
            description = "How long to wait for an answer (default: ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ofSeconds(8);

    /** The option, else the variable, else the default. */
    public String bootstrap(Console console) {
        return bootstrap != null
                ? bootstrap
                : console.variable("VARVE_BOOTSTRAP").orElse(DEFAULT_BOOTSTRAP);
    }

    public Duration timeout() {
        return timeout;
    }

    /** A client that has not connected yet. */
    public VarveClient client(Console console) {
        try {
            return VarveClient.builder()
                    .bootstrap(bootstrap(console))
                    .clientId("varve-cli")
                    .requestTimeout(timeout)
                    .build();
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(String.valueOf(e.getMessage()), "it comes from -b or from VARVE_BOOTSTRAP");
        }
    }
}
