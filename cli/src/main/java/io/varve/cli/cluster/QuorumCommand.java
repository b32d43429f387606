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
        name = "quorum",
        aliases = "quorums",
        description = "Show the quorum that keeps the cluster's metadata.",
        subcommands = {QuorumStatus.class})
public final class QuorumCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        throw VarveCommand.missingVerb(Objects.requireNonNull(spec).commandLine());
    }
}
