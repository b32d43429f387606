// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.config;

import io.varve.cli.VarveCommand;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "config",
        aliases = "configs",
        description = "Show, explain and compare configs of topics and settings of nodes; change those of topics.",
        subcommands = {ConfigGet.class, ConfigSet.class, ConfigUnset.class, ConfigDiff.class, ConfigExplain.class})
public final class ConfigCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        throw VarveCommand.missingVerb(Objects.requireNonNull(spec).commandLine());
    }
}
