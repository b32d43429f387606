// SPDX-License-Identifier: Apache-2.0
package io.varve.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.varve.record.BatchBuilder;
import io.varve.record.Codec;
import io.varve.storage.DataDirectory;
import io.varve.storage.DirectoryIdentity;
import io.varve.storage.DirectorySettings;
import io.varve.storage.IoPool;
import io.varve.storage.JournalSettings;
import io.varve.storage.LogSettings;
import io.varve.storage.file.RealFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A directory of its own for one benchmark, gone afterwards, with a data directory and its I/O threads. Confined to one thread. */
final class Workplace implements AutoCloseable {
    /** As many as a node has by default. */
    private static final int IO_THREADS = 8;

    private final Path path;
    private final ExecutorService io = Executors.newFixedThreadPool(IO_THREADS);
    private final DataDirectory data;

    /** Under the system property {@code varve.bench.directory}: the file system there is what is measured. */
    Workplace(JournalSettings journal) throws IOException {
        path = Files.createTempDirectory(Path.of(System.getProperty("varve.bench.directory", "/var/tmp")), "varve-");
        Path directory = path.resolve("data");
        DirectoryIdentity identity =
                new DirectoryIdentity(new UUID(1, 1), 1, new UUID(2, 2), DirectoryIdentity.FORMAT_VERSION);
        DataDirectory.format(new RealFiles(), directory, identity);
        data = DataDirectory.open(
                new RealFiles(),
                directory,
                new DirectorySettings(IoPool.of(io), LogSettings.DEFAULT, InstantSource.system(), journal));
    }

    Path path() {
        return path;
    }

    DataDirectory data() {
        return data;
    }

    /** A batch of one record that does not compress, of about this size. */
    static ByteBuf batch(int sizeBytes) {
        byte[] value = new byte[sizeBytes - 100];
        new Random(1).nextBytes(value);
        BatchBuilder builder = new BatchBuilder(Codec.NONE, sizeBytes + 1000);
        if (!builder.tryAppend(1, null, value, List.of())) {
            throw new IllegalArgumentException("a record of " + value.length + " bytes has no room");
        }
        ByteBuffer built = builder.build();
        return UnpooledByteBufAllocator.DEFAULT.directBuffer(built.remaining()).writeBytes(built);
    }

    @Override
    public void close() throws Exception {
        data.close();
        io.shutdown();
        if (!io.awaitTermination(1, TimeUnit.MINUTES)) {
            throw new IllegalStateException("I/O threads do not end");
        }
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
