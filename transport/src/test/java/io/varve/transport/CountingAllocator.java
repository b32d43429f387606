// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the buffers that were given out, and the memory of those that are still open. */
final class CountingAllocator extends AbstractByteBufAllocator {
    private final UnpooledByteBufAllocator delegate;
    final AtomicInteger allocated = new AtomicInteger();
    final AtomicLong largestBytes = new AtomicLong();

    CountingAllocator(boolean preferDirect) {
        super(preferDirect);
        this.delegate = new UnpooledByteBufAllocator(preferDirect, true);
    }

    /** Bytes of buffers that nobody has released yet. */
    long openBytes() {
        return delegate.metric().usedDirectMemory() + delegate.metric().usedHeapMemory();
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        count(initialCapacity);
        return delegate.heapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        count(initialCapacity);
        return delegate.directBuffer(initialCapacity, maxCapacity);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }

    private void count(int capacity) {
        allocated.incrementAndGet();
        largestBytes.accumulateAndGet(capacity, Math::max);
    }
}
