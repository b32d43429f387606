// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import io.varve.cli.bench.BenchCommand;
import io.varve.cli.cluster.BrokerCommand;
import io.varve.cli.cluster.ClusterCommand;
import io.varve.cli.cluster.QuorumCommand;
import io.varve.cli.config.ConfigCommand;
import io.varve.cli.demo.DemoCommand;
import io.varve.cli.local.LocalCommand;
import io.varve.cli.partition.PartitionCommand;
import io.varve.cli.records.ConsumeCommand;
import io.varve.cli.records.ProduceCommand;
import io.varve.cli.topic.TopicCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The root of the command tree, and the main class of the command line. */
@Command(
        name = "varve",
        description = "A replicated commit log.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            LocalCommand.class,
            TopicCommand.class,
            PartitionCommand.class,
            ConfigCommand.class,
            ClusterCommand.class,
            QuorumCommand.class,
            BrokerCommand.class,
            ProduceCommand.class,
            ConsumeCommand.class,
            BenchCommand.class,
            ForeignCommands.Node.class,
            ForeignCommands.Debug.class,
            VersionCommand.class,
            CompletionCommand.class
        },
        footer = {
            "",
            "First steps:",
            "  varve demo",
            "  varve local up",
            "  varve topic create hello",
            "  echo world | varve produce hello",
            "  varve consume hello",
            "",
            "The cluster is where -b or VARVE_BOOTSTRAP says, else the running nodes of .varve/local,",
            "else localhost:7171."
        })
public final class VarveCommand implements Runnable {
    private final Console console;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help and exit.")
    private boolean help;

    @Option(
            names = {"-b", "--bootstrap"},
            paramLabel = "HOST:PORT[,...]",
            description = "The cluster, for the command that follows.")
    private @Nullable String bootstrap;

    @CommandLine.Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    VarveCommand(Console console) {
        this.console = console;
    }

    public static void main(String[] args) {
        quietenLibraries();
        System.exit(run(Console.ofProcess(), args));
    }

    /** What went wrong is told by the command itself, once. VARVE_DEBUG lets libraries speak, too. */
    private static void quietenLibraries() {
        if (System.getenv("VARVE_DEBUG") == null) {
            System.setProperty("slf4j.internal.verbosity", "ERROR");
            java.util.logging.LogManager.getLogManager().reset();
        }
    }

    /** Runs one command line and returns its exit code. */
    public static int run(Console console, String... args) {
        CommandLine command = commandLine(console);
        boolean json = asksForJson(args);
        try {
            int code = command.execute(args);
            console.out().flush();
            return code;
        } catch (Console.OutputClosed e) {
            return end(e, json, console);
        } catch (java.io.IOException e) {
            return end(new Console.OutputClosed(e), json, console);
        } catch (RuntimeException | Error e) {
            Failures.print(e, json, console);
            return Failures.of(e).status().code();
        }
    }

    /** Whoever reads may have enough; a disk that is full is a failure. */
    private static int end(Console.OutputClosed closed, boolean json, Console console) {
        if (closed.isByReader()) {
            return ExitStatus.OK.code();
        }
        CommandFailure failure =
                new CommandFailure(ExitStatus.FAILURE, "IO_ERROR", "standard output: " + closed.why(), "");
        Failures.print(failure, json, console);
        return failure.status().code();
    }

    static CommandLine commandLine(Console console) {
        CommandLine command = new CommandLine(VarveCommand.class, new ConsoleFactory(console));
        command.setCaseInsensitiveEnumValuesAllowed(true);
        command.setUsageHelpAutoWidth(false);
        command.setUsageHelpWidth(100);
        command.setAbbreviatedOptionsAllowed(false);
        command.setColorScheme(CommandLine.Help.defaultColorScheme(
                console.takesColour() && console.terminals().contains("1") ? Ansi.ON : Ansi.OFF));
        command.setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8));
        command.setErr(new PrintWriter(console.err(), true));
        command.setParameterExceptionHandler((mistake, args) -> {
            CommandFailure failure = UsageMistakes.describe(mistake);
            Failures.print(failure, asksForJson(args), console);
            return failure.status().code();
        });
        command.setExecutionExceptionHandler((thrown, failed, parsed) -> {
            if (thrown instanceof Console.OutputClosed closed) {
                return end(closed, asksForJson(parsed.originalArgs().toArray(String[]::new)), console);
            }
            Failures.print(thrown, asksForJson(parsed.originalArgs().toArray(String[]::new)), console);
            return Failures.of(thrown).status().code();
        });
        return command;
    }

    /** Known before the command line is understood, because mistakes in it are told the same way. */
    private static boolean asksForJson(String[] args) {
        List<String> words = List.of(args);
        int at = Math.max(words.indexOf("-o"), words.indexOf("--output"));
        return words.stream().anyMatch(word -> word.matches("(-o=?|--output=)json"))
                || (at >= 0 && at + 1 < words.size() && words.get(at + 1).equals("json"));
    }

    /** The address given before the command. */
    Optional<String> bootstrap() {
        return Optional.ofNullable(bootstrap);
    }

    /** Without a command: the help, as an answer and not as a mistake. */
    @Override
    public void run() {
        if (spec != null) {
            console.print(usage(spec.commandLine()));
        }
    }

    /** For a noun without its verb. */
    public static CommandFailure missingVerb(CommandLine command) {
        String name = command.getCommandSpec().qualifiedName();
        return CommandFailure.usage(
                name + " needs a command: "
                        + String.join(
                                ", ",
                                command.getCommandSpec().subcommands().values().stream()
                                        .map(CommandLine::getCommandName)
                                        .distinct()
                                        .toList()),
                "see " + name + " --help");
    }

    private static String usage(CommandLine command) {
        StringWriter text = new StringWriter();
        command.usage(new PrintWriter(text), command.getColorScheme());
        return text.toString();
    }
}
