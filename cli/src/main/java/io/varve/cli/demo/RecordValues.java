// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.demo;

import io.varve.cli.CommandFailure;
import io.varve.cli.ExitStatus;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;

/** What the records hold, one value after the other, without an end. Confined to one thread. */
interface RecordValues extends AutoCloseable {
    byte[] next() throws IOException;

    @Override
    default void close() throws IOException {}

    /** Made events of a shop, the same ones each time. */
    static RecordValues events() {
        SplittableRandom random = new SplittableRandom(1);
        String[] events = {"viewed", "ordered", "paid", "shipped", "returned"};
        return () -> String.format(
                        Locale.ROOT,
                        "{\"customer\":%d,\"event\":\"%s\",\"item\":\"item-%d\",\"cents\":%d}",
                        random.nextInt(10_000),
                        events[random.nextInt(events.length)],
                        random.nextInt(500),
                        100 + random.nextInt(20_000))
                .getBytes(StandardCharsets.UTF_8);
    }

    /** The lines of a file, and again from its beginning. */
    static RecordValues lines(Path file) throws IOException {
        return new Lines(file);
    }

    /** How many lines a file has; what follows the last line feed is one, too. */
    static long countLines(Path file) throws IOException {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new CommandFailure(
                    ExitStatus.NOT_FOUND,
                    "NO_SUCH_FILE",
                    "there is no file " + file + " that could be read",
                    "the path is relative to " + Path.of("").toAbsolutePath());
        }
        long lines = 0;
        int last = '\n';
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            for (int next = in.read(); next >= 0; next = in.read()) {
                lines += next == '\n' ? 1 : 0;
                last = next;
            }
        }
        return last == '\n' ? lines : lines + 1;
    }

    /** A carriage return belongs to its line, as with {@code varve produce}. */
    final class Lines implements RecordValues {
        private final Path file;
        private InputStream in;

        private Lines(Path file) throws IOException {
            this.file = file;
            this.in = new BufferedInputStream(Files.newInputStream(file));
        }

        @Override
        public byte[] next() throws IOException {
            int first = in.read();
            if (first < 0) {
                in.close();
                in = new BufferedInputStream(Files.newInputStream(file));
                first = in.read();
            }
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int next = first; next >= 0 && next != '\n'; next = in.read()) {
                line.write(next);
            }
            return line.toByteArray();
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
