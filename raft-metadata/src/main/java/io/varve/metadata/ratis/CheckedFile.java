// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Small files of lines {@code key=value}; the last line is the CRC32C of all before it, so that a torn or edited file
 * is not believed.
 */
final class CheckedFile {

    private static final String VERSION = "1";
    private static final String CRC_KEY = "crc32c=";

    private CheckedFile() {}

    /** Empty if there is no such file. */
    static Optional<Map<String, String>> read(Path directory, String name) throws IOException {
        var file = directory.resolve(name);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        var text = Files.readString(file);
        int crcAt = text.lastIndexOf(CRC_KEY);
        if (crcAt < 0 || !text.substring(crcAt).equals(CRC_KEY + crc(text.substring(0, crcAt)) + "\n")) {
            throw damaged(file, "its CRC is wrong");
        }
        var values = new TreeMap<String, String>();
        text.substring(0, crcAt).lines().forEach(line -> {
            int equals = line.indexOf('=');
            values.put(line.substring(0, Math.max(equals, 0)), line.substring(equals + 1));
        });
        if (!VERSION.equals(values.remove("version"))) {
            throw damaged(file, "its version is not " + VERSION + ", which is what this software knows");
        }
        return Optional.of(values);
    }

    static void write(Path directory, String name, Map<String, String> values) throws IOException {
        var lines = new StringBuilder("version=" + VERSION + "\n");
        values.forEach(
                (key, value) -> lines.append(key).append('=').append(value).append('\n'));
        replace(directory, name, lines + CRC_KEY + crc(lines.toString()) + "\n");
    }

    /** Writes a small file so that it is there whole, or not at all, whatever happens. */
    static void replace(Path directory, String name, String content) throws IOException {
        var tmp = directory.resolve(name + ".tmp");
        try (var out = FileChannel.open(
                tmp, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            var bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(tmp, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceDirectory(directory);
    }

    static void forceDirectory(Path directory) throws IOException {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static String crc(String text) {
        var crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return String.format("%08x", crc.getValue());
    }

    static RaftStartException damaged(Path file, String why) {
        return new RaftStartException(
                RaftStartException.Kind.DAMAGED,
                file + " is damaged: " + why,
                "restore it, or format a new directory and let this node join again");
    }
}
