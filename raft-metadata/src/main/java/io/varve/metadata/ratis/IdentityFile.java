// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import io.varve.proto.Uuids;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * {@code meta.properties} of a Raft directory: who it belongs to. Lines {@code key=value}; the last one is the CRC32C
 * of all before it, so that a torn or edited file is not taken for an identity.
 */
final class IdentityFile {

    static final String NAME = "meta.properties";
    private static final String VERSION = "1";
    private static final String CRC_KEY = "crc32c=";

    private IdentityFile() {}

    static void write(Path directory, RaftIdentity id) throws IOException {
        var lines = "version=" + VERSION + "\ncluster.id=" + Uuids.toText(id.clusterId()) + "\nnode.id=" + id.nodeId()
                + "\ndirectory.id=" + Uuids.toText(id.directoryId()) + "\n";
        replace(directory, NAME, lines + CRC_KEY + crc(lines) + "\n");
    }

    /** Empty if there is no such file. */
    static Optional<RaftIdentity> read(Path directory) throws IOException {
        var file = directory.resolve(NAME);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        var text = Files.readString(file);
        int crcAt = text.lastIndexOf(CRC_KEY);
        if (crcAt < 0 || !text.substring(crcAt).equals(CRC_KEY + crc(text.substring(0, crcAt)) + "\n")) {
            throw damaged(file, "its CRC is wrong");
        }
        var values = new HashMap<String, String>();
        text.substring(0, crcAt).lines().forEach(line -> {
            int equals = line.indexOf('=');
            values.put(line.substring(0, Math.max(equals, 0)), line.substring(equals + 1));
        });
        if (!VERSION.equals(values.get("version"))) {
            throw damaged(file, "its version is " + values.get("version") + ", this software knows " + VERSION);
        }
        try {
            return Optional.of(new RaftIdentity(
                    Uuids.fromText(values.getOrDefault("cluster.id", "")),
                    Integer.parseInt(values.getOrDefault("node.id", "")),
                    Uuids.fromText(values.getOrDefault("directory.id", ""))));
        } catch (IllegalArgumentException e) {
            throw damaged(file, String.valueOf(e.getMessage()));
        }
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

    private static RaftStartException damaged(Path file, String why) {
        return new RaftStartException(
                RaftStartException.Kind.DAMAGED,
                file + " is damaged: " + why,
                "restore it, or format a new directory and let this node join again");
    }
}
