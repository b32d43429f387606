// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import io.varve.cli.VarveCommand;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "local",
        description = "Run a cluster on this machine, to try things out.",
        subcommands = {LocalUp.class, LocalStatus.class, LocalDown.class})
public final class LocalCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine command = java.util.Objects.requireNonNull(spec).commandLine();
        throw VarveCommand.missingVerb(command);
    }

    /** {@code --dir}, the same for every command here. */
    static final class DirectoryOption {
        @Option(
                names = "--dir",
                paramLabel = "DIR",
                defaultValue = ".varve/local",
                description = "Where the cluster keeps everything (default: ${DEFAULT-VALUE}).")
        private Path directory = LocalNodes.DEFAULT_DIRECTORY;

        LocalDirectory open() {
            return new LocalDirectory(directory);
        }

        /** How a command line that means this directory goes on. */
        String argument() {
            return isDefault() ? "" : " --dir " + directory;
        }

        boolean isDefault() {
            return directory.equals(LocalNodes.DEFAULT_DIRECTORY);
        }
    }
}
