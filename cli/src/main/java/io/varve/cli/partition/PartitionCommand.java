// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.partition;

import io.varve.cli.VarveCommand;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "partition",
        aliases = "partitions",
        description = "Show partitions, and move their leaders.",
        subcommands = {PartitionList.class, PartitionShow.class, TransferLeader.class, ElectPreferred.class})
public final class PartitionCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        throw VarveCommand.missingVerb(Objects.requireNonNull(spec).commandLine());
    }
}
