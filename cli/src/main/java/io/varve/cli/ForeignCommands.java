// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Commands that the launcher hands to the node's own programs. They stand here so that help, completion and the search
 * for mistyped words know them.
 */
final class ForeignCommands {
    private ForeignCommands() {}

    @Command(name = "node", description = "Run a node: format, run.")
    static final class Node implements Callable<Integer> {
        @Parameters(hidden = true)
        private List<String> arguments = List.of();

        @Override
        public Integer call() {
            throw notHere("node", arguments);
        }
    }

    @Command(name = "debug", description = "Look into files of a node: verify, dump-segment, dump-records.")
    static final class Debug implements Callable<Integer> {
        @Parameters(hidden = true)
        private List<String> arguments = List.of();

        @Override
        public Integer call() {
            throw notHere("debug", arguments);
        }
    }

    private static CommandFailure notHere(String name, List<String> arguments) {
        String line = String.join(" ", arguments);
        return new CommandFailure(
                ExitStatus.FAILURE,
                "NO_LAUNCHER",
                name + " is a program of its own, which only the launcher script can start",
                "use ./varve " + name + " " + line);
    }
}
