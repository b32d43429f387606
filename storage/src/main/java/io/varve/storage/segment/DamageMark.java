// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.Damage;
import io.varve.storage.file.FileStore;
import io.varve.storage.file.SmallFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The file that says of a log: bytes of it are wrong that were once durable (P34). It lies among the log's files, so that it goes where they go, and what
 * was found by a read or by the scrub is known after a restart, too.
 */
final class DamageMark {
    static final String NAME = "damaged";
    private static final long MAGIC = 0x5652_5644_4d47_4431L; // VRVDMGD1

    private DamageMark() {}

    /** A mark that cannot be read is a mark all the same. */
    static Optional<Damage> read(FileStore files, Path log) throws IOException {
        Path path = log.resolve(NAME);
        if (!files.exists(path)) {
            return Optional.empty();
        }
        Optional<ByteBuffer> content =
                SmallFile.read(files, path, MAGIC).filter(bytes -> bytes.remaining() >= Long.BYTES);
        return Optional.of(content.map(bytes -> new Damage(
                        bytes.getLong(), StandardCharsets.UTF_8.decode(bytes).toString()))
                .orElseGet(() -> new Damage(0, path + " says so, and cannot be read itself")));
    }

    /** Durable when it returns; nothing is written for a log that has no files. */
    static void write(FileStore files, Path log, Damage damage) throws IOException {
        if (files.isDirectory(log)) {
            byte[] detail = damage.detail().getBytes(StandardCharsets.UTF_8);
            ByteBuffer content = ByteBuffer.allocate(Long.BYTES + detail.length)
                    .putLong(damage.offset())
                    .put(detail)
                    .flip();
            SmallFile.replace(files, log.resolve(NAME), MAGIC, content);
        }
    }
}
