// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static io.varve.storage.Batches.at;
import static io.varve.storage.Batches.produced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TailCacheTest {
    private static final int SIZE = size();

    @AfterEach
    void allChunksAreReleased() {
        assertThat(Chunk.openCount()).isZero();
    }

    private static int size() {
        Chunk chunk = produced(1, "x");
        int size = chunk.sizeBytes();
        chunk.release();
        return size;
    }

    private static void add(LogTail tail, long offset) {
        Chunk chunk = at(offset, 1, produced(1, "x"));
        tail.add(chunk);
        chunk.release();
    }

    @Test
    void shouldEvictWhatWasAddedFirstWhoseverItIs() {
        try (TailCache cache = new TailCache(3L * SIZE)) {
            LogTail a = cache.newTail();
            LogTail b = cache.newTail();
            add(a, 0);
            add(b, 0);
            add(b, 1);
            add(b, 2); // a's goes
            assertThat(a.find(0)).isNull();
            assertThat(a.startOffset(1)).isEqualTo(1);
            assertThat(b.find(1)).isNotNull().extracting(Chunk::baseOffset).isEqualTo(1L);
            add(a, 1);
            assertThat(b.startOffset(3)).isEqualTo(1);
            assertThat(cache.sizeBytes()).isEqualTo(3L * SIZE);
        }
    }

    @Test
    void shouldFindEveryOffsetOfARingThatHasTurned() {
        try (TailCache cache = new TailCache(20L * SIZE)) {
            LogTail tail = cache.newTail();
            for (int i = 0; i < 100; i++) {
                add(tail, i);
            }
            for (int i = 0; i < 101; i++) {
                Chunk found = tail.find(i);
                assertThat(found == null ? -1 : found.baseOffset()).isEqualTo(i >= 80 && i < 100 ? i : -1);
            }
        }
    }

    @Test
    void shouldForgetWhatATruncationRemovesAndWhatDoesNotFollow() {
        try (TailCache cache = new TailCache(3L * SIZE)) {
            LogTail tail = cache.newTail();
            add(tail, 0);
            add(tail, 1);
            add(tail, 2);
            tail.truncateTo(1);
            assertThat(tail.size()).isEqualTo(1);
            add(tail, 1);
            add(tail, 2);
            add(tail, 3);
            assertThat(tail.startOffset(4)).isEqualTo(1);
            add(tail, 9);
            assertThat(tail.startOffset(10)).isEqualTo(9);
            assertThat(cache.sizeBytes()).isEqualTo(SIZE);
        }
    }

    @Test
    void shouldKeepNoChunkThatIsLargerThanTheBudget() {
        try (TailCache cache = new TailCache(SIZE - 1)) {
            LogTail tail = cache.newTail();
            add(tail, 0);
            assertThat(tail.find(0)).isNull();
        }
    }

    @Test
    void shouldRefuseToReleaseAChunkTwiceOrToChangeItOnceStaged() {
        Chunk chunk = produced(1, "x");
        ByteBuf buffer = chunk.buffer();
        chunk.makeReadOnly();
        assertThatThrownBy(() -> chunk.assign(1, 1)).isInstanceOf(IllegalStateException.class);
        chunk.retain();
        chunk.release();
        assertThat(buffer.refCnt()).isOne();
        chunk.release();
        assertThat(buffer.refCnt()).isZero();
        assertThatThrownBy(chunk::release).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(chunk::retain).isInstanceOf(IllegalStateException.class);
    }
}
