// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.storage.LogId;
import io.varve.storage.StorageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FreeingTest {
    private final Map<LogId, CompletableFuture<Void>> asked = new LinkedHashMap<>();
    private final List<String> outcomes = new ArrayList<>();
    private boolean atOnce;

    private final Journal.Logs logs = new Journal.Logs() {
        @Override
        public CompletableFuture<Void> flush(LogId id, long endOffset) {
            assertThat(endOffset).isEqualTo(id.partition() + 1);
            CompletableFuture<Void> flush =
                    atOnce ? CompletableFuture.completedFuture(null) : new CompletableFuture<>();
            assertThat(asked.put(id, flush)).isNull();
            return flush;
        }

        @Override
        public void goOffline(StorageException cause) {
            throw new AssertionError(cause);
        }
    };

    private Freeing freeing(int count) {
        Map<LogId, Long> ends = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            ends.put(new LogId(new UUID(1, 1), i), i + 1L);
        }
        return new Freeing(logs, ends, this::over);
    }

    private void over(@Nullable Throwable failure) {
        outcomes.add(String.valueOf(failure == null ? "freed" : failure.getMessage()));
    }

    private CompletableFuture<Void> flush(int number) {
        return Objects.requireNonNull(asked.get(new LogId(new UUID(1, 1), number)), "not asked");
    }

    @Test
    void shouldAskManyLogsAtATimeAndGoOnWhenOneHasFlushed() {
        freeing(100).go();
        assertThat(asked).hasSize(32);
        flush(7).complete(null);
        assertThat(asked).hasSize(33);
        for (int i = 0; i < 100; i++) {
            assertThat(outcomes).isEmpty();
            flush(i).complete(null);
        }
        assertThat(outcomes).containsExactly("freed");
    }

    @Test
    void shouldTakeThousandsThatNeedNoFlush() {
        atOnce = true;
        freeing(100_000).go();
        assertThat(asked).hasSize(100_000);
        assertThat(outcomes).containsExactly("freed");
    }

    @Test
    void shouldFreeAtOnceWhatNoLogNeeds() {
        freeing(0).go();
        assertThat(outcomes).containsExactly("freed");
    }

    @Test
    void shouldAskNobodyAnyMoreAfterAFailureAndTellItWhenAllHaveAnswered() {
        freeing(100).go();
        flush(0).completeExceptionally(new IllegalStateException("no space"));
        assertThat(asked).hasSize(32);
        assertThat(outcomes).isEmpty();
        for (int i = 1; i < 32; i++) {
            flush(i).complete(null);
        }
        assertThat(outcomes).containsExactly("no space");
        assertThat(asked).hasSize(32);
    }
}
