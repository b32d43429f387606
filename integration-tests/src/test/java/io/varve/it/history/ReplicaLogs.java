// SPDX-License-Identifier: Apache-2.0
package io.varve.it.history;

import io.varve.it.history.Finding.Kind;
import io.varve.storage.SegmentDump;
import io.varve.storage.StorageException;
import io.varve.storage.file.RealFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Compares the files of a partition's replicas, while their nodes are down: below the high watermark they have the same batches. Segments may begin
 * elsewhere. <i>Stateless.</i>
 */
public final class ReplicaLogs {
    private ReplicaLogs() {}

    /**
     * A batch as it is on disk.
     *
     * @param header with the checksum, so that two equal headers mean equal batches if both are sound
     */
    public record StoredBatch(long baseOffset, long nextOffset, ByteBuffer header, Optional<String> problem) {}

    /**
     * @param logs by node id, the folder of this partition
     * @param highWatermark up to where the replicas must agree
     */
    public static List<Finding> compare(String partition, Map<Integer, Path> logs, long highWatermark)
            throws IOException {
        Map<Integer, List<StoredBatch>> batches = new TreeMap<>();
        for (Map.Entry<Integer, Path> log : logs.entrySet()) {
            batches.put(log.getKey(), read(log.getValue()));
        }
        return compareBatches(partition, batches, highWatermark);
    }

    /** The same for what was read already. */
    static List<Finding> compareBatches(String partition, Map<Integer, List<StoredBatch>> batches, long highWatermark) {
        List<Finding> findings = new ArrayList<>();
        Map<Integer, List<StoredBatch>> committed = new TreeMap<>();
        batches.forEach((node, all) -> {
            List<StoredBatch> below =
                    all.stream().filter(b -> b.baseOffset() < highWatermark).toList();
            committed.put(node, below);
            checkAlone(partition + " on node " + node, below, highWatermark).ifPresent(findings::add);
        });
        int reference = committed.keySet().stream().findFirst().orElseThrow();
        List<StoredBatch> expected = committed.getOrDefault(reference, List.of());
        committed.forEach((node, found) -> {
            for (int i = 0; i < Math.min(expected.size(), found.size()); i++) {
                if (!found.get(i).header().equals(expected.get(i).header())) {
                    findings.add(new Finding(
                            Kind.REPLICAS_DIFFER,
                            "%s: at offset %d node %d has another batch than node %d"
                                    .formatted(partition, found.get(i).baseOffset(), node, reference)));
                    return;
                }
            }
        });
        return findings;
    }

    /** Sound, without gaps, from 0 to the high watermark. */
    private static Optional<Finding> checkAlone(String where, List<StoredBatch> batches, long highWatermark) {
        long next = 0;
        for (StoredBatch batch : batches) {
            if (batch.problem().isPresent()) {
                return Optional.of(new Finding(
                        Kind.CORRUPT,
                        where + ": batch at offset " + batch.baseOffset() + ": "
                                + batch.problem().get()));
            }
            if (batch.baseOffset() != next) {
                return Optional.of(new Finding(
                        Kind.GAP, where + ": offset " + batch.baseOffset() + " where " + next + " should be"));
            }
            next = batch.nextOffset();
        }
        return next < highWatermark
                ? Optional.of(new Finding(
                        Kind.REPLICAS_DIFFER,
                        where + ": ends at " + next + ", below the high watermark " + highWatermark))
                : Optional.empty();
    }

    private static List<StoredBatch> read(Path log) throws IOException {
        List<Path> segments;
        try (Stream<Path> paths = Files.list(log)) {
            segments = paths.filter(p -> p.toString().endsWith(".log")).sorted().toList();
        }
        List<StoredBatch> batches = new ArrayList<>();
        for (Path segment : segments) {
            try {
                SegmentDump.read(new RealFiles(), segment, batch -> {
                    if (!isEndMark(batch)) {
                        batches.add(new StoredBatch(
                                batch.baseOffset(), batch.lastOffset() + 1, batch.header(), batch.problem()));
                    }
                });
            } catch (StorageException e) {
                throw new IOException(segment + ": " + e.getMessage(), e);
            }
        }
        return batches;
    }

    /** Space that was set aside and not used. */
    private static boolean isEndMark(SegmentDump.Batch batch) {
        return batch.problem().filter(p -> p.startsWith("a length of zero")).isPresent();
    }
}
