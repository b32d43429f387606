// SPDX-License-Identifier: Apache-2.0
package io.varve.node.broker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A file of one line that is either wholly there or not: {@code TEXT CRC}, replaced by rename, durable when the call
 * returns (P35). A damaged one counts as absent.
 */
final class SmallFile {

    private final Path file;

    SmallFile(Path file) {
        this.file = file;
    }

    Optional<String> read() throws IOException {
        String line;
        try {
            line = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        int space = line.lastIndexOf(' ');
        if (space < 0 || !line.equals(withCrc(line.substring(0, space)))) {
            return Optional.empty();
        }
        return Optional.of(line.substring(0, space));
    }

    void write(String text) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        byte[] bytes = (withCrc(text) + "\n").getBytes(StandardCharsets.ISO_8859_1);
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceDirectory();
    }

    void delete() throws IOException {
        if (Files.deleteIfExists(file)) {
            forceDirectory();
        }
    }

    private void forceDirectory() throws IOException {
        try (FileChannel directory = FileChannel.open(
                java.util.Objects.requireNonNull(file.toAbsolutePath().getParent()), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private static String withCrc(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.ISO_8859_1));
        return text + " " + String.format(Locale.ROOT, "%08x", crc.getValue());
    }
}
