// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.cluster;

import io.varve.cli.VarveCommand;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "cluster",
        aliases = "clusters",
        description = "Show how the cluster is.",
        subcommands = {ClusterStatus.class, ClusterHealth.class})
public final class ClusterCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        throw VarveCommand.missingVerb(Objects.requireNonNull(spec).commandLine());
    }
}
