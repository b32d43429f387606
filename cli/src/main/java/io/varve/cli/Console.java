// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * The three streams of the command, as bytes, and what is known about them. Text on them is UTF-8 whatever the locale
 * says. Commands write here and nowhere else, so that tests can run them in-process. Thread-safe for {@link #err()};
 * {@link #out()} is confined to the thread of the command.
 *
 * @param terminals the digits of the file descriptors that are terminals, as found out by the launcher (a JVM cannot
 *     ask for one of them)
 */
public record Console(
        InputStream in, OutputStream out, PrintStream err, String terminals, Map<String, String> environment) {

    private static final int BUFFER_BYTES = 64 * 1024;

    /** The streams of this process. Output is buffered: flush before waiting. */
    public static Console ofProcess() {
        return new Console(
                new FileInputStream(FileDescriptor.in),
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                System.getProperty("varve.terminals", ""),
                System.getenv());
    }

    /** Writes text and a line feed to standard output and flushes. */
    public void println(String line) {
        print(line + "\n");
    }

    public void print(String text) {
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            throw new OutputClosed(e);
        }
    }

    /** Whether a person sits there who can be asked. */
    public boolean canAsk() {
        return terminals.contains("0") && terminals.contains("2");
    }

    public boolean inputIsTerminal() {
        return terminals.contains("0");
    }

    /** Whether standard error is a screen, where a progress line may overwrite itself. */
    public boolean showsProgress() {
        return terminals.contains("2") && !"dumb".equals(environment.get("TERM"));
    }

    /** Whether standard error takes colours; NO_COLOR (no-color.org) says no. */
    public boolean takesColour() {
        String noColour = environment.get("NO_COLOR");
        return showsProgress() && (noColour == null || noColour.isEmpty());
    }

    /** A variable of the environment; an empty one counts as absent. */
    public Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
    }

    /** Whoever read our output has gone, as in {@code varve consume t | head -1}. Not a failure: they had enough. */
    public static final class OutputClosed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public OutputClosed(IOException cause) {
            super(cause);
        }

        /** Whether it was a pipe whose other end went away, as that of {@code head} does. */
        boolean isByReader() {
            return why().contains("Broken pipe");
        }

        String why() {
            Throwable cause = getCause();
            return cause == null ? "" : String.valueOf(cause.getMessage());
        }
    }
}
