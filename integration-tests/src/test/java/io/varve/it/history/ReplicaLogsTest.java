// SPDX-License-Identifier: Apache-2.0
package io.varve.it.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.it.history.Finding.Kind;
import io.varve.it.history.ReplicaLogs.StoredBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReplicaLogsTest {
    private static final int RECORDS_PER_BATCH = 5;
    private static final int BATCHES = 4;
    private static final long END_OFFSET = (long) BATCHES * RECORDS_PER_BATCH;

    private final List<StoredBatch> first = batches();
    private final List<StoredBatch> second = batches();

    @Test
    void shouldFindNothingInEqualLogs() {
        assertThat(found(END_OFFSET)).isEmpty();
    }

    @Test
    void shouldNotCareForWhatIsNotCommitted() {
        second.remove(BATCHES - 1);
        first.set(BATCHES - 1, batch(BATCHES - 1, 77, Optional.of("torn")));

        assertThat(found(END_OFFSET - RECORDS_PER_BATCH)).isEmpty();
    }

    @Test
    void shouldFindABatchWithAnotherHeader() {
        second.set(2, batch(2, 77, Optional.empty()));

        assertThat(found(END_OFFSET)).containsExactly(Kind.REPLICAS_DIFFER);
    }

    @Test
    void shouldFindALogThatEndsBelowTheHighWatermark() {
        first.remove(BATCHES - 1);

        assertThat(found(END_OFFSET)).containsExactly(Kind.REPLICAS_DIFFER);
    }

    @Test
    void shouldFindADamagedBatch() {
        second.set(1, batch(1, 1, Optional.of("CRC")));

        assertThat(found(END_OFFSET)).containsExactly(Kind.CORRUPT);
    }

    @Test
    void shouldFindAMissingBatch() {
        second.remove(1);

        assertThat(found(END_OFFSET)).contains(Kind.GAP);
    }

    private List<Kind> found(long highWatermark) {
        return ReplicaLogs.compareBatches("orders-0", Map.of(1, first, 2, second), highWatermark).stream()
                .map(Finding::kind)
                .toList();
    }

    private static List<StoredBatch> batches() {
        List<StoredBatch> batches = new ArrayList<>();
        for (int number = 0; number < BATCHES; number++) {
            batches.add(batch(number, number, Optional.empty()));
        }
        return batches;
    }

    private static StoredBatch batch(int number, int checksum, Optional<String> problem) {
        long base = (long) number * RECORDS_PER_BATCH;
        ByteBuffer header = ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
                .putLong(base)
                .putInt(checksum)
                .flip();
        return new StoredBatch(base, base + RECORDS_PER_BATCH, header, problem);
    }
}
