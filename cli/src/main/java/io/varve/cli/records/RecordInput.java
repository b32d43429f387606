// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import io.varve.cli.CommandFailure;
import io.varve.cli.Console;
import io.varve.cli.ExitStatus;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The bytes to produce and what to call them. Confined to one thread.
 *
 * @param sizeBytes 0 when it is not known
 */
record RecordInput(InputStream stream, String name, long sizeBytes) implements AutoCloseable {
    static RecordInput none() {
        return new RecordInput(InputStream.nullInputStream(), "nothing", 0);
    }

    /** A file; without one, or for {@code -}, standard input. */
    static RecordInput open(@Nullable Path file, Console console) throws IOException {
        if (file == null || file.toString().equals("-")) {
            if (console.inputIsTerminal()) {
                console.err().println("reading records from the terminal, one per line; Ctrl-D ends");
            }
            return new RecordInput(console.in(), "standard input", 0);
        }
        if (Files.isDirectory(file)) {
            throw CommandFailure.usage(file + " is a directory", "--from-file takes one file");
        }
        try {
            return new RecordInput(Files.newInputStream(file), file.toString(), Files.size(file));
        } catch (NoSuchFileException e) {
            throw new CommandFailure(
                    ExitStatus.NOT_FOUND,
                    "NO_SUCH_FILE",
                    "there is no file " + file,
                    "the path is relative to " + Path.of("").toAbsolutePath());
        } catch (AccessDeniedException e) {
            throw new CommandFailure(
                    ExitStatus.DENIED, "FILE_NOT_READABLE", "the file " + file + " may not be read", "check its mode");
        }
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
