// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.testkit;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;

/**
 * The contents of one simulated file twice: as programs see them, and as the disk has them. In between lies the page cache, which goes to the disk sector by
 * sector, at any time and in any order, or never.
 *
 * <p><i>confined to the {@code SimFs} lock</i>
 */
final class SimFile {
    static final int SECTOR_BYTES = 512;

    private byte[] seen = new byte[0];
    private int size;
    private byte[] disk = new byte[0];
    private int diskSize;
    private final BitSet dirty = new BitSet();
    /** Sizes the file has had since the last flush: the disk may know any of them. */
    private int smallestSize;

    int size() {
        return size;
    }

    void write(byte[] bytes, int length, int at) {
        int end = at + length;
        if (end > seen.length) {
            seen = Arrays.copyOf(seen, Math.max(end, seen.length * 2));
        }
        System.arraycopy(bytes, 0, seen, at, length);
        int from = Math.min(at, size); // a gap before the write is zeros, written too
        size = Math.max(size, end);
        if (end > from) {
            dirty.set(from / SECTOR_BYTES, (end - 1) / SECTOR_BYTES + 1);
        }
    }

    int read(byte[] into, int at) {
        int count = Math.max(0, Math.min(into.length, size - at));
        System.arraycopy(seen, at, into, 0, count);
        return count;
    }

    void truncate(int newSize) {
        if (newSize < size) {
            Arrays.fill(seen, newSize, size, (byte) 0);
            size = newSize;
            smallestSize = Math.min(smallestSize, newSize);
            dirty.set(newSize / SECTOR_BYTES);
        }
    }

    /** Every dirty sector reaches the disk; one that a failed flush left clean does not. */
    void force() {
        disk = Arrays.copyOf(disk, size);
        for (int sector = dirty.nextSetBit(0); sector >= 0; sector = dirty.nextSetBit(sector + 1)) {
            int from = sector * SECTOR_BYTES;
            int end = Math.min(from + SECTOR_BYTES, size);
            if (end > from) {
                System.arraycopy(seen, from, disk, from, end - from);
            }
        }
        diskSize = size;
        smallestSize = size;
        dirty.clear();
    }

    /** A flush that failed: the kernel takes the pages for clean from now on, and nobody knows what reached the disk. */
    void failForce(Random random) {
        writeBack(random, 2);
        dirty.clear();
    }

    /** The kernel writes one in {@code oneIn} dirty sectors on its own. They stay dirty: a later state of them may be lost. */
    void writeBack(Random random, int oneIn) {
        for (int sector = dirty.nextSetBit(0); sector >= 0; sector = dirty.nextSetBit(sector + 1)) {
            if (random.nextInt(oneIn) == 0) {
                int from = sector * SECTOR_BYTES;
                int end = Math.min(from + SECTOR_BYTES, size);
                if (end > from) {
                    if (disk.length < end) {
                        disk = Arrays.copyOf(disk, end);
                    }
                    System.arraycopy(seen, from, disk, from, end - from);
                    diskSize = Math.max(diskSize, end);
                }
            }
        }
    }

    /** What a power loss leaves: each dirty sector old or new, a size of now or before; sectors that were never written are zeros. */
    void losePower(Random random) {
        writeBack(random, 1 + random.nextInt(4));
        int newSize = switch (random.nextInt(4)) {
            case 0 -> diskSize;
            case 1 -> size;
            case 2 -> between(random, Math.min(smallestSize, diskSize), Math.max(size, diskSize));
            default -> Math.min(smallestSize, diskSize);
        };
        // sizes below what was flushed are possible only after a truncation
        newSize = Math.max(newSize, smallestSize);
        disk = Arrays.copyOf(disk, newSize);
        diskSize = newSize;
        seen = disk.clone();
        size = newSize;
        smallestSize = size;
        dirty.clear();
    }

    private static int between(Random random, int low, int high) {
        return low + random.nextInt(high - low + 1);
    }

    /** Rot: changes one bit as programs see it and as the disk has it. */
    void flip(long bit) {
        int at = (int) (bit / Byte.SIZE);
        byte mask = (byte) (1 << (bit % Byte.SIZE));
        seen[at] ^= mask;
        if (at < disk.length) {
            disk[at] ^= mask;
        }
    }

    byte[] contents() {
        return Arrays.copyOf(seen, size);
    }
}
