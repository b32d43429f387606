// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.testkit;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;

/**
 * The contents of one simulated file twice: as programs see them, and as the disk has them. In between lies the page cache, which goes to the disk sector by
 * sector, at any time and in any order, or never.
 *
 * <p>Invariant: both arrays are zero behind their sizes.
 *
 * <p><i>confined to the {@code SimFs} lock</i>
 */
final class SimFile implements SimNode {
    static final int SECTOR_BYTES = 512;
    private static final byte[] NOTHING = {};

    private byte[] seen = NOTHING;
    private int size;
    private byte[] disk = NOTHING;
    private int diskSize;
    /** The arrays belong to copies of this file as well, and are cloned before they change. */
    private boolean shared;

    private final BitSet dirty = new BitSet();
    /** Sizes the file has had since the last flush: the disk may know any of them. */
    private int smallestSize;
    /** The disk may have something else than programs see. */
    private boolean diverged;
    /** Whether a name stands for it, so that its bytes count, and whether {@link SimTree} looks at it when the power goes. */
    boolean named;

    boolean watched;
    /** A flush failed: some of that is not marked as dirty any more. */
    private boolean tainted;

    int size() {
        return size;
    }

    /** Whether a power loss may change it. */
    boolean isDirty() {
        return diverged;
    }

    private void own(int capacity) {
        if (shared) {
            seen = Arrays.copyOf(seen, Math.max(capacity, seen.length));
            disk = disk.clone();
            shared = false;
        } else if (capacity > seen.length) {
            seen = Arrays.copyOf(seen, Math.max(capacity, seen.length * 2));
        }
    }

    void write(ByteBuffer source, int length, int at) {
        if (length == 0) {
            return;
        }
        int end = at + length;
        own(end);
        source.get(seen, at, length);
        int from = Math.min(at, size); // a gap before the write is zeros, written too
        size = Math.max(size, end);
        dirty.set(from / SECTOR_BYTES, (end - 1) / SECTOR_BYTES + 1);
        diverged = true;
    }

    /** Fills {@code into} as far as the file goes. */
    int read(ByteBuffer into, long at) {
        int count = at >= size ? 0 : (int) Math.min(into.remaining(), size - at);
        into.put(seen, at >= size ? 0 : (int) at, count);
        return count;
    }

    void truncate(int newSize) {
        if (newSize < size) {
            own(0);
            Arrays.fill(seen, newSize, size, (byte) 0);
            size = newSize;
            smallestSize = Math.min(smallestSize, newSize);
            dirty.set(newSize / SECTOR_BYTES);
            diverged = true;
        }
    }

    /** Every dirty sector reaches the disk; one that a failed flush left clean does not. */
    void force() {
        if (!diverged) {
            return;
        }
        own(0);
        resizeDisk(size);
        for (int sector = dirty.nextSetBit(0); sector >= 0; sector = dirty.nextSetBit(sector + 1)) {
            toDisk(sector);
        }
        smallestSize = size;
        dirty.clear();
        diverged = tainted;
    }

    private void resizeDisk(int newSize) {
        if (newSize < diskSize) {
            Arrays.fill(disk, newSize, diskSize, (byte) 0);
        } else if (newSize > disk.length) {
            disk = Arrays.copyOf(disk, Math.max(newSize, disk.length * 2));
        }
        diskSize = newSize;
    }

    private void toDisk(int sector) {
        int from = sector * SECTOR_BYTES;
        int end = Math.min(from + SECTOR_BYTES, size);
        if (end > from) {
            if (end > diskSize) {
                resizeDisk(end);
            }
            System.arraycopy(seen, from, disk, from, end - from);
        }
    }

    /** A flush that failed: the kernel takes the pages for clean from now on, and nobody knows what reached the disk. */
    void failForce(SplittableRandom random) {
        writeBack(random, 2);
        dirty.clear();
        tainted = diverged;
    }

    /** The kernel writes one in {@code oneIn} dirty sectors on its own. They stay dirty: a later state of them may be lost. */
    void writeBack(SplittableRandom random, int oneIn) {
        if (!diverged) {
            return;
        }
        own(0);
        for (int sector = dirty.nextSetBit(0); sector >= 0; sector = dirty.nextSetBit(sector + 1)) {
            if (random.nextInt(oneIn) == 0) {
                toDisk(sector);
            }
        }
    }

    /** What a power loss leaves: each dirty sector old or new, a size of now or before; sectors that were never written are zeros. */
    void losePower(SplittableRandom random) {
        if (!diverged) {
            return;
        }
        writeBack(random, 1 + random.nextInt(4));
        int newSize = switch (random.nextInt(4)) {
            case 0 -> diskSize;
            case 1 -> size;
            case 2 -> between(random, Math.min(smallestSize, diskSize), Math.max(size, diskSize));
            default -> Math.min(smallestSize, diskSize);
        };
        // sizes below what was flushed are possible only after a truncation
        resizeDisk(Math.max(newSize, smallestSize));
        settle();
    }

    /** What the disk has is all there is. */
    private void settle() {
        size = diskSize;
        seen = Arrays.copyOf(disk, size);
        smallestSize = size;
        dirty.clear();
        diverged = false;
        tainted = false;
    }

    private static int between(SplittableRandom random, int low, int high) {
        return low + random.nextInt(high - low + 1);
    }

    /** Rot: changes one bit as programs see it and as the disk has it. */
    void flip(long bit) {
        own(0);
        int at = (int) (bit / Byte.SIZE);
        byte mask = (byte) (1 << (bit % Byte.SIZE));
        seen[at] ^= mask;
        if (at < diskSize) {
            disk[at] ^= mask;
        }
    }

    byte[] contents() {
        return Arrays.copyOf(seen, size);
    }

    /** A file of what programs see, all of it durable. */
    SimFile copy() {
        SimFile copy = new SimFile();
        copy.seen = seen;
        copy.size = size;
        copy.disk = seen;
        copy.diskSize = size;
        copy.smallestSize = size;
        copy.shared = true;
        shared = true;
        return copy;
    }
}
