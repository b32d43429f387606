// SPDX-License-Identifier: Apache-2.0
package io.varve.it.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/** A disk of its own for each of the nodes 1 to N. Confined to one thread. */
public final class ClusterDisks implements AutoCloseable {
    private final Map<Integer, LoopDisk> disks = new TreeMap<>();

    private ClusterDisks() {}

    /** Makes and mounts them below this directory. */
    public static ClusterDisks create(Path directory, int nodes, int sizeMib) throws IOException {
        ClusterDisks made = new ClusterDisks();
        try {
            for (int id = 1; id <= nodes; id++) {
                Path parent = Files.createDirectories(directory.resolve("disk-" + id));
                made.disks.put(id, LoopDisk.create(parent, sizeMib));
            }
            return made;
        } catch (IOException e) {
            made.close();
            throw e;
        }
    }

    public LoopDisk of(int node) {
        LoopDisk found = disks.get(node);
        if (found == null) {
            throw new IllegalArgumentException("there is no disk for node " + node + " among " + disks.keySet());
        }
        return found;
    }

    public Collection<LoopDisk> all() {
        return disks.values();
    }

    /** Whoever uses them must be ended before. */
    @Override
    public void close() throws IOException {
        for (LoopDisk disk : disks.values()) {
            disk.close();
        }
        disks.clear();
    }
}
