// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static io.varve.storage.Batches.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.record.BatchBuilder;
import io.varve.record.Codec;
import io.varve.storage.file.RealFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaReadsOurSegmentsTest {
    @Test
    void shouldBeReadByKafkaWithTheSameRecordsAndValidCrcs(@TempDir Path temporary) throws Exception {
        LogSettings settings = LogSettings.DEFAULT.withSegmentSizeBytes(2000);
        Path root = temporary.resolve("d");
        List<String> expected = new ArrayList<>();
        try (DataDirectory directory = Directories.format(new RealFiles(), root, settings)) {
            PartitionLog log = directory.create(Directories.LOG, settings);
            for (int i = 0; i < 60; i++) {
                Codec codec = Codec.values()[i % Codec.values().length];
                BatchBuilder builder = new BatchBuilder(codec, 1 << 20);
                long base = log.stagedEndOffset();
                for (int j = 0; j <= i % 3; j++) {
                    String value = "value " + i + " " + "x".repeat(i);
                    builder.tryAppend(5000 + i, null, value.getBytes(StandardCharsets.UTF_8), List.of());
                    expected.add(base + j + " " + (5000 + i) + " epoch " + (1 + i / 20) + " " + value);
                }
                log.stage(at(base, 1 + i / 20, Batches.chunk(builder.build())));
            }
        }
        assertThat(readByKafka(root.resolve("logs").resolve(Directories.LOG.toString())))
                .isEqualTo(expected);
    }

    private static List<String> readByKafka(Path folder) throws Exception {
        List<Path> segments;
        try (Stream<Path> all = Files.list(folder)) {
            segments = all.filter(path -> path.toString().endsWith(".log"))
                    .sorted()
                    .toList();
        }
        assertThat(segments).hasSizeGreaterThan(2);
        List<String> found = new ArrayList<>();
        for (Path segment : segments) {
            try (FileRecords records = FileRecords.open(segment.toFile(), false)) {
                for (RecordBatch batch : records.batches()) {
                    batch.ensureValid(); // the CRC
                    for (Record record : batch) {
                        record.ensureValid();
                        found.add(record.offset() + " " + record.timestamp() + " epoch " + batch.partitionLeaderEpoch()
                                + " " + Batches.text(record.value()));
                    }
                }
            }
        }
        return found;
    }
}
