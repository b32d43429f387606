// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "completion",
        description = "Print a completion script for bash or zsh.",
        footer = {"", "In bash or zsh:  source <(varve completion bash)"})
final class CompletionCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "bash|zsh", description = "The shell: ${COMPLETION-CANDIDATES}.")
    private Shell shell = Shell.BASH;

    enum Shell {
        BASH,
        ZSH;

        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    CompletionCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        // One script serves both: in zsh it loads bashcompinit by itself.
        console.print(AutoComplete.bash("varve", VarveCommand.commandLine(console)));
        return ExitStatus.OK.code();
    }
}
