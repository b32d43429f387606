// SPDX-License-Identifier: Apache-2.0
package io.varve.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.varve.node.bootstrap.StartFailure;
import io.varve.node.bootstrap.StartFailure.Reason;
import io.varve.storage.StorageCheck;
import io.varve.storage.StorageCheck.Finding;
import io.varve.storage.StorageException;
import io.varve.storage.file.RealFiles;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Exit code 0 if everything is what was written, 1 if not, 3 if there is no such directory. */
@Command(
        name = "verify",
        description =
                "Reads every file of a node's storage directory, or of one log in it, and says which are not what was"
                        + " written. Only reads; of a node that runs, what is just being written may look torn.",
        mixinStandardHelpOptions = true)
final class VerifyDirectory implements Callable<Integer> {

    @Parameters(paramLabel = "DIR", description = "A storage directory, or a log in it, such as logs/TOPIC-0.")
    private Path directory = Path.of("");

    @Option(names = "--json", description = "One object for programs instead of lines for people.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws StartFailure, StorageException, JsonProcessingException {
        PrintWriter out = spec.commandLine().getOut();
        if (!Files.isDirectory(directory)) {
            PrintWriter err = spec.commandLine().getErr();
            err.println("error: NO_SUCH_FILE: there is no directory " + directory);
            err.println("hint: storage.directories of the node's configuration names it");
            err.flush();
            return DebugMain.NOT_FOUND;
        }
        StorageCheck check = StorageCheck.of(new RealFiles(), directory);
        if (json) {
            out.println(new ObjectMapper().writeValueAsString(object(check)));
        } else {
            check.findings().forEach(finding -> out.println(line(finding)));
            out.println("%d files, %d bytes, %d batches: %s"
                    .formatted(
                            check.fileCount(),
                            check.bytes(),
                            check.batches(),
                            check.problems() == 0 ? "sound" : check.problems() + " problems"));
        }
        out.flush();
        if (check.problems() > 0) {
            throw new StartFailure(
                    Reason.DIRECTORY_DAMAGED,
                    "%s: %d files are not what was written".formatted(directory, check.problems()),
                    "each line says what becomes of it");
        }
        return 0;
    }

    private String line(Finding finding) {
        String where = (finding.position() < 0 ? "" : ", byte " + finding.position())
                + (finding.offset() < 0 ? "" : ", offset " + finding.offset());
        return "%-8s %s%s: %s; %s"
                .formatted(finding.severity(), relative(finding), where, finding.problem(), finding.remedy());
    }

    private Path relative(Finding finding) {
        return finding.file().startsWith(directory) ? directory.relativize(finding.file()) : finding.file();
    }

    private Map<String, Object> object(StorageCheck check) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("directory", directory.toString());
        object.put("files", check.fileCount());
        object.put("bytes", check.bytes());
        object.put("batches", check.batches());
        object.put("problems", check.problems());
        object.put("findings", check.findings().stream().map(this::object).toList());
        return object;
    }

    private Map<String, Object> object(Finding finding) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("file", relative(finding).toString());
        object.put("severity", finding.severity().name().toLowerCase(Locale.ROOT));
        if (finding.position() >= 0) {
            object.put("position", finding.position());
        }
        if (finding.offset() >= 0) {
            object.put("offset", finding.offset());
        }
        object.put("problem", finding.problem());
        object.put("remedy", finding.remedy());
        return object;
    }
}
