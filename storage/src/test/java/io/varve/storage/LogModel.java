// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What one log must hold, kept in the simplest way. */
final class LogModel implements LogListener {
    final LogId id;
    /** All records staged, "offset:value", from offset 0 on; those that were lost are removed when the loss is seen. */
    final List<String> records = new ArrayList<>();

    final TreeSet<Long> batchStarts = new TreeSet<>();
    final List<Long> timestamps = new ArrayList<>();
    final List<Integer> epochs = new ArrayList<>();
    /** The key of each record, null for none. */
    final List<@Nullable String> keys = new ArrayList<>();

    /** What compaction may have looked at ends here; nothing below is ever cut. */
    long compactable;
    /** The pass that is under way. */
    @Nullable
    CompactionPass pass;

    private List<Integer> present = List.of();
    /** What the log has reported, or may still have to keep after an interrupted truncation. */
    long written;

    long flushed;
    /** Below this the log was called whole when it was opened, and recovery does not look again. */
    long recoveryPoint;
    /** The chain of epochs was built from the batches once, so it says nothing of what lies below them. */
    boolean chainRebuilt;
    /** It was marked as damaged, durably. */
    boolean damaged;
    /** At least this was promised as the start, at most that. */
    long startFloor;

    long startCeiling;
    int epoch = 1;
    boolean failed;
    StorageException.Kind failure = StorageException.Kind.CLOSED;

    LogModel(LogId id) {
        this.id = id;
    }

    @Override
    public void onProgress(long writtenEndOffset, long flushedEndOffset) {
        assertThat(failed).as("no progress after a failure").isFalse();
        assertThat(flushedEndOffset).isBetween(flushed, writtenEndOffset);
        assertThat(writtenEndOffset).isBetween(written, (long) records.size());
        written = writtenEndOffset;
        flushed = flushedEndOffset;
    }

    @Override
    public void onFailure(StorageException cause, long writtenEndOffset, long flushedEndOffset) {
        onProgress(writtenEndOffset, flushedEndOffset);
        failed = true;
        failure = cause.kind();
    }

    void add(long timestamp, @Nullable String key, @Nullable String value) {
        records.add(records.size() + ":" + value);
        keys.add(key);
        timestamps.add(timestamp);
        epochs.add(epoch);
    }

    void truncateTo(long end) {
        batchStarts.tailSet(end, true).clear();
        cut(records, end);
        cut(timestamps, end);
        cut(keys, end);
        cut(epochs, end);
        written = Math.min(written, end);
        flushed = Math.min(flushed, end);
        recoveryPoint = Math.min(recoveryPoint, end);
    }

    /** Its files are set aside, and it begins again with nothing. */
    void beginAnew() {
        truncateTo(0);
        compactable = 0;
        pass = null;
        startFloor = 0;
        startCeiling = 0;
        failed = false;
        damaged = false;
        chainRebuilt = false;
        epoch++;
    }

    private static void cut(List<?> list, long end) {
        if (end < list.size()) {
            list.subList((int) end, list.size()).clear();
        }
    }

    /** The log came back: it must hold what was promised, and nothing that was not staged. */
    void checkReopened(PartitionLog log, long floor) throws StorageException {
        assertThat(log.damage()).isEmpty();
        assertThat(log.writtenEndOffset()).as("end").isBetween(floor, (long) records.size());
        assertThat(log.flushedEndOffset()).isEqualTo(log.writtenEndOffset());
        assertThat(log.stagedEndOffset()).isEqualTo(log.writtenEndOffset());
        assertThat(log.logStartOffset()).as("start").isBetween(startFloor, startCeiling);
        truncateTo(log.writtenEndOffset());
        written = log.writtenEndOffset();
        flushed = written;
        recoveryPoint = written;
        startFloor = log.logStartOffset();
        startCeiling = startFloor;
        failed = false;
        epoch++;
        checkReads(log, 300);
        checkChain(log);
        checkSnapshot(log);
    }

    void checkReads(PartitionLog log, int maxBytes) throws StorageException {
        List<String> found = Batches.readAll(log, maxBytes);
        List<Integer> offsets = new ArrayList<>();
        for (String record : found) {
            offsets.add(Integer.valueOf(record.substring(0, record.indexOf(':'))));
        }
        present = offsets;
        assertThat(found).isEqualTo(offsets.stream().map(records::get).toList());
        Set<Integer> all = new HashSet<>(offsets);
        for (int i = (int) log.logStartOffset(); i < log.writtenEndOffset(); i++) {
            assertThat(all.contains(i) || mayBeGone(i, compactable))
                    .as("record %s of key %s, compacted below %d", records.get(i), keys.get(i), compactable)
                    .isTrue();
        }
    }

    private boolean mayBeGone(int offset, long end) {
        return offset < end && (isSuperseded(offset, end) || isTombstone(offset));
    }

    private boolean isTombstone(int offset) {
        return keys.get(offset) != null && records.get(offset).endsWith(":null");
    }

    private boolean isSuperseded(int offset, long end) {
        String key = keys.get(offset);
        return key != null
                && offset < end
                && keys.subList(offset + 1, (int) end).contains(key);
    }

    /** A pass has come so far. */
    void checkCompacted(PartitionLog log, long compactedTo) throws StorageException {
        checkReads(log, 500);
        for (int offset : present) {
            assertThat(offset < compactedTo && isSuperseded(offset, compactedTo))
                    .as("record %s of key %s is left below %d", records.get(offset), keys.get(offset), compactedTo)
                    .isFalse();
        }
    }

    private void checkChain(PartitionLog log) {
        if (chainRebuilt) {
            for (int i = (int) log.logStartOffset(); i < epochs.size(); i++) {
                assertThat(log.epochAt(i)).as("epoch at %d", i).isEqualTo(epochs.get(i));
            }
            return;
        }
        List<EpochEntry> expected = new ArrayList<>();
        for (int i = 0; i < epochs.size(); i++) {
            if (i == 0 || !epochs.get(i).equals(epochs.get(i - 1))) {
                expected.add(new EpochEntry(epochs.get(i), i));
            }
        }
        assertThat(log.epochChain()).isEqualTo(expected);
    }

    /** Against a scan of everything. */
    void checkTime(PartitionLog log, long timestamp) throws StorageException {
        TreeMap<Integer, Long> found = new TreeMap<>();
        for (int i : present) {
            if (found.isEmpty() && timestamps.get(i) >= timestamp) {
                found.put(i, timestamps.get(i));
            }
        }
        Optional<TimestampOffset> expected = found.isEmpty()
                ? Optional.empty()
                : Optional.of(new TimestampOffset(
                        found.firstKey(), found.firstEntry().getValue(), epochs.get(found.firstKey())));
        assertThat(log.offsetForTimestamp(timestamp, Long.MAX_VALUE)).isEqualTo(expected);
    }

    /** What is gone by age is old or below something old; and unless size took more, what comes next is not old. */
    void checkExpiry(PartitionLog log, long start, long highWatermark, long cutoff) throws StorageException {
        boolean bySize = log.sizeBytes() > log.settings().retentionBytes();
        if (!bySize && start > log.logStartOffset()) {
            assertThat(timestamps.subList((int) log.logStartOffset(), (int) start))
                    .as("expired below " + cutoff)
                    .allMatch(timestamp -> timestamp < cutoff);
        }
        Long next = batchStarts.higher(start);
        long end = next == null ? records.size() : next;
        checkReads(log, 1000);
        boolean emptied = present.stream().noneMatch(offset -> start <= offset && offset < end); // by compaction
        if (start < highWatermark && end <= highWatermark && !emptied) {
            Long begin = Objects.requireNonNull(batchStarts.floor(start)); // which a start may lie in
            assertThat(timestamps.subList(begin.intValue(), (int) end))
                    .as("served from " + start + " although older than " + cutoff)
                    .anyMatch(timestamp -> timestamp >= cutoff);
        }
    }

    /** Stands for producer state: a function of the records below its offset (I18). */
    ByteBuffer state(long end) {
        return StandardCharsets.UTF_8.encode(
                end + "/" + records.subList(0, (int) end).hashCode());
    }

    private void checkSnapshot(PartitionLog log) throws StorageException {
        Optional<ProducerSnapshot> snapshot = log.latestProducerSnapshot();
        if (snapshot.isPresent()) {
            long end = snapshot.get().endOffset();
            assertThat(end).isLessThanOrEqualTo(log.writtenEndOffset());
            assertThat(snapshot.get().state()).as("snapshot at " + end).isEqualTo(state(end));
        }
    }
}
