// SPDX-License-Identifier: Apache-2.0
package io.varve.node;

import io.varve.node.bootstrap.StartFailure;
import io.varve.node.bootstrap.StartFailure.Reason;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Entry point of the node process: {@code format}, {@code run} and {@code settings}. */
@Command(
        name = "varve node",
        description = "Runs a Varve node.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(format | run | settings)",
        subcommands = {FormatCommand.class, RunCommand.class, SettingsCommand.class})
public final class NodeMain implements Runnable {

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandLine.Model.CommandSpec spec;

    private NodeMain() {}

    /** Runs the command and exits the process with its exit code. */
    public static void main(String[] args) {
        int exitCode = commandLine().execute(args);
        // A running node returns here only when it has been stopped.
        System.exit(exitCode);
    }

    static CommandLine commandLine() {
        return new CommandLine(new NodeMain())
                .setParameterExceptionHandler(NodeMain::printUsageError)
                .setExecutionExceptionHandler((e, commandLine, parsed) -> printFailure(e, commandLine.getErr()));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "what should the node do? Say format or run");
    }

    static int printUsageError(ParameterException e, String[] args) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName(" ");
        String hint = e instanceof UnmatchedArgumentException unmatched
                        && !unmatched.getSuggestions().isEmpty()
                ? "did you mean " + unmatched.getSuggestions().get(0) + "? See " + command + " --help"
                : "see " + command + " --help";
        return print(
                new StartFailure(Reason.USAGE, String.valueOf(e.getMessage()), hint),
                e.getCommandLine().getErr());
    }

    static int printFailure(Exception e, PrintWriter err) {
        if (e instanceof StartFailure failure) {
            return print(failure, err);
        }
        err.println("error: UNKNOWN_SERVER_ERROR: " + e);
        e.printStackTrace(err);
        err.flush();
        return Reason.UNKNOWN_SERVER_ERROR.exitCode();
    }

    private static int print(StartFailure failure, PrintWriter err) {
        // A configuration with several mistakes has a line for each.
        for (String line : String.valueOf(failure.getMessage()).split("\n", -1)) {
            err.println("error: " + failure.reason() + ": " + line);
        }
        if (!failure.hint().isEmpty()) {
            err.println("hint: " + failure.hint());
        }
        err.flush();
        return failure.reason().exitCode();
    }
}
