// SPDX-License-Identifier: Apache-2.0
package io.varve.node.debug;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import io.varve.record.BatchReader;
import io.varve.record.LogRecord;
import io.varve.storage.SegmentDump;
import io.varve.storage.StorageException;
import io.varve.storage.file.RealFiles;
import java.io.IOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Prints the records in files of a log, one JSON object per line. Only reads. Confined to one thread. */
public final class RecordDump {
    private static final int MAX_DECOMPRESSED_BYTES = 1 << 30;

    private final JsonGenerator json;
    private long damagedBatches;

    public RecordDump(Writer out) throws IOException {
        json = JsonFactory.builder()
                .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
                .build()
                .createGenerator(out);
        json.setPrettyPrinter(new MinimalPrettyPrinter(""));
    }

    /** Batches that were skipped because they are damaged. */
    public long damagedBatches() {
        return damagedBatches;
    }

    /** All segments of a partition's directory in the order of their offsets; a file is a segment. */
    public void print(Path path) throws IOException, StorageException {
        for (Path segment : Files.isDirectory(path) ? segments(path) : List.of(path)) {
            try (FileChannel bytes = FileChannel.open(segment)) {
                String log = partitionOf(segment);
                SegmentDump.read(new RealFiles(), segment, batch -> print(log, bytes, batch));
            } catch (Unreadable e) {
                throw e.why;
            }
        }
        json.flush();
    }

    /** Names are first offsets with leading zeros. */
    private static List<Path> segments(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .sorted()
                    .toList();
        }
    }

    private static String partitionOf(Path segment) {
        Path directory = segment.toAbsolutePath().normalize().getParent();
        return directory == null || directory.getFileName() == null
                ? ""
                : directory.getFileName().toString();
    }

    private void print(String log, FileChannel bytes, SegmentDump.Batch batch) {
        if (batch.problem().isPresent()) {
            damagedBatches += DumpedBatch.of(batch).damaged() ? 1 : 0;
            return;
        }
        try {
            ByteBuffer whole = ByteBuffer.allocate((int) batch.sizeBytes());
            while (whole.hasRemaining() && bytes.read(whole, batch.position() + whole.position()) > 0) {
                continue;
            }
            BatchReader records = BatchReader.of(whole.flip(), MAX_DECOMPRESSED_BYTES);
            while (records.hasNext()) {
                print(log, batch.leaderEpoch(), records.next());
            }
        } catch (IOException e) {
            throw new Unreadable(e);
        }
    }

    private void print(String log, int leaderEpoch, LogRecord record) throws IOException {
        json.writeStartObject();
        json.writeStringField("log", log);
        json.writeStringField("offset", Long.toString(record.offset()));
        json.writeNumberField("leaderEpoch", leaderEpoch);
        json.writeNumberField("timestampMs", record.timestampMs());
        bytes("key", record.key());
        bytes("value", record.value());
        json.writeEndObject();
        json.writeRaw('\n');
    }

    private void bytes(String name, @Nullable ByteBuffer content) throws IOException {
        if (content == null) {
            json.writeNullField(name);
            return;
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(content.duplicate())
                    .toString();
            json.writeStringField(name, text);
        } catch (CharacterCodingException e) {
            byte[] copy = new byte[content.remaining()];
            content.duplicate().get(copy);
            json.writeBinaryField(name + "Base64", copy);
        }
    }

    /** Carries a failure to write or read through a visitor. */
    private static final class Unreadable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient IOException why;

        private Unreadable(IOException why) {
            super(why);
            this.why = why;
        }
    }
}
