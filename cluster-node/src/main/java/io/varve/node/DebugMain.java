// SPDX-License-Identifier: Apache-2.0
package io.varve.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.varve.node.bootstrap.StartFailure;
import io.varve.node.bootstrap.StartFailure.Reason;
import io.varve.node.debug.DumpedBatch;
import io.varve.storage.SegmentDump;
import io.varve.storage.StorageException;
import io.varve.storage.file.RealFiles;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Entry point of the tools that look into a node's files. */
@Command(
        name = "varve debug",
        description = "Looks into files of a node.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(verify|dump-segment|dump-records)",
        subcommands = {VerifyDirectory.class, DebugMain.DumpSegment.class, DumpRecords.class})
public final class DebugMain implements Runnable {

    static final int NOT_FOUND = 3;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private DebugMain() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new DebugMain())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(NodeMain::printUsageError)
                .setExecutionExceptionHandler((e, line, parsed) -> NodeMain.printFailure(e, line.getErr()));
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "what should be looked into? Say verify DIRECTORY, dump-segment FILE or dump-records DIRECTORY");
    }

    /** Exit code 0 if the file is sound, 1 if not, 3 if it is not there. */
    @Command(
            name = "dump-segment",
            description = "Shows the batches in a .log file, and which of them are damaged. Only reads.",
            mixinStandardHelpOptions = true)
    static final class DumpSegment implements Callable<Integer> {

        enum Style {
            TABLE,
            JSONL
        }

        @Parameters(paramLabel = "FILE", description = "A segment, such as logs/TOPIC-0/00000000000000000000.log.")
        private Path file = Path.of("");

        @Option(
                names = {"-o", "--output"},
                paramLabel = "table|jsonl",
                defaultValue = "table",
                description = "A line for people or an object for programs per batch (default: ${DEFAULT-VALUE}).")
        private Style style = Style.TABLE;

        @Spec
        @SuppressWarnings("NullAway.Init") // set by picocli
        private CommandSpec spec;

        private final ObjectMapper json = new ObjectMapper();

        @Override
        public Integer call() throws StartFailure, StorageException {
            PrintWriter out = spec.commandLine().getOut();
            PrintWriter err = spec.commandLine().getErr();
            if (!Files.isRegularFile(file)) {
                err.println("error: NO_SUCH_FILE: there is no file " + file);
                err.println("hint: segments are in logs/ of the node's storage directory");
                err.flush();
                return NOT_FOUND;
            }
            AtomicLong batches = new AtomicLong();
            AtomicLong damaged = new AtomicLong();
            SegmentDump.read(new RealFiles(), file, found -> {
                DumpedBatch batch = DumpedBatch.of(found);
                batches.incrementAndGet();
                damaged.addAndGet(batch.damaged() ? 1 : 0);
                out.println(line(batch));
            });
            out.flush();
            if (damaged.get() > 0) {
                throw new StartFailure(
                        Reason.DIRECTORY_DAMAGED,
                        "%s: %d of %d batches are damaged".formatted(file, damaged.get(), batches.get()),
                        "a torn end is cut at the next start, anything else is reported and kept");
            }
            return 0;
        }

        private String line(DumpedBatch batch) {
            if (style == Style.TABLE) {
                return batch.fields().entrySet().stream()
                        .map(field -> field.getKey() + " " + field.getValue())
                        .collect(Collectors.joining("  "));
            }
            try {
                return json.writeValueAsString(batch.fields());
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("numbers and names are always JSON", e);
            }
        }
    }
}
