// SPDX-License-Identifier: Apache-2.0
package io.varve.node;

import io.varve.node.bootstrap.StartFailure;
import io.varve.node.bootstrap.StartFailure.Reason;
import io.varve.node.debug.RecordDump;
import io.varve.storage.StorageException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Exit code 0 if everything could be read, 1 if something is damaged, 3 if a path is not there. */
@Command(
        name = "dump-records",
        description = "Prints the records of a log as they lie on this disk, committed or not, as one JSON object per"
                + " line. Only reads; best of a node that is stopped.",
        mixinStandardHelpOptions = true)
final class DumpRecords implements Callable<Integer> {
    @Parameters(
            paramLabel = "PATH",
            arity = "1..*",
            description = "A partition's directory, such as logs/TOPIC-0, or a segment in it.")
    private List<Path> paths = List.of();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws StartFailure, StorageException, IOException {
        PrintWriter out = spec.commandLine().getOut();
        for (Path path : paths) {
            if (!Files.exists(path)) {
                PrintWriter err = spec.commandLine().getErr();
                err.println("error: NO_SUCH_FILE: there is no " + path);
                err.println("hint: partitions are in logs/ of the node's storage directory");
                err.flush();
                return DebugMain.NOT_FOUND;
            }
        }
        RecordDump dump = new RecordDump(out);
        for (Path path : paths) {
            dump.print(path);
        }
        out.flush();
        if (dump.damagedBatches() > 0) {
            throw new StartFailure(
                    Reason.DIRECTORY_DAMAGED,
                    dump.damagedBatches() + " damaged batches were left out",
                    "varve debug dump-segment shows which");
        }
        return 0;
    }
}
