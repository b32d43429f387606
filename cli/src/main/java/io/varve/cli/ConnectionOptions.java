// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import io.varve.cli.local.LocalNodes;
import io.varve.client.VarveClient;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How every command that talks to a cluster finds it. Confined to the thread of the command. */
public final class ConnectionOptions {
    private static final String DEFAULT_BOOTSTRAP = "localhost:7171";

    @Option(
            names = {"-b", "--bootstrap"},
            paramLabel = "HOST:PORT[,...]",
            description =
                    "A node of the cluster, or several (default: VARVE_BOOTSTRAP, else the nodes of varve local that run,"
                            + " else " + DEFAULT_BOOTSTRAP + ").")
    private @Nullable String bootstrap;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "5s",
            converter = Units.Time.class,
            description = "How long to wait for an answer (default: ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ofSeconds(5);

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    /**
     * The option of the command, else the one before it, else the variable, else the nodes that run of a local cluster in
     * its usual place (any one of them may be down), else the default.
     */
    public String bootstrap(Console console) {
        return Optional.ofNullable(bootstrap)
                .or(this::beforeCommand)
                .or(() -> console.variable("VARVE_BOOTSTRAP"))
                .or(() -> LocalNodes.bootstrap(LocalNodes.DEFAULT_DIRECTORY))
                .orElse(DEFAULT_BOOTSTRAP);
    }

    private Optional<String> beforeCommand() {
        return command != null && command.root().userObject() instanceof VarveCommand root
                ? root.bootstrap()
                : Optional.empty();
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
