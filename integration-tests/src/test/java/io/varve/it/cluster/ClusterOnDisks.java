// SPDX-License-Identifier: Apache-2.0
package io.varve.it.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.varve.it.load.SteadyLoad;
import io.varve.it.process.ClusterDisks;
import io.varve.it.process.ClusterProcesses;
import io.varve.it.process.LoopDisk;
import io.varve.it.process.NodeFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Three nodes under load, each with a disk of its own. Confined to one thread. */
record ClusterOnDisks(ClusterDisks disks, LoadedCluster cluster) implements AutoCloseable {

    /** Ends a test without a judgement where disks cannot be made. */
    static void assumePossible() {
        Optional<String> missing = LoopDisk.missing();
        assumeTrue(missing.isEmpty(), () -> "skipped: " + missing.orElse(""));
    }

    /**
     * Returns when records are acknowledged.
     *
     * @param adjust more settings of a node, whose data is on its disk already
     */
    static ClusterOnDisks start(
            Path directory, int diskMib, UnaryOperator<NodeFiles> adjust, SteadyLoad.Settings load, long seed)
            throws IOException {
        ClusterDisks disks = ClusterDisks.create(directory, LoadedCluster.NODES, diskMib);
        try {
            ClusterProcesses nodes = ClusterProcesses.format(
                    directory,
                    LoadedCluster.NODES,
                    (id, files) ->
                            adjust.apply(files.dataIn(disks.of(id).directory().resolve("data"))));
            return new ClusterOnDisks(disks, LoadedCluster.start(nodes, load, seed));
        } catch (IOException | RuntimeException | AssertionError e) {
            disks.close();
            throw e;
        }
    }

    /** Watermarks that never bind. */
    static NodeFiles withoutWatermarks(NodeFiles files) {
        return files.with("disk.watermark.soft.bytes", 0).with("disk.watermark.hard.bytes", 0);
    }

    /** The metadata log on a disk that does not fail. */
    static NodeFiles withRaftElsewhere(NodeFiles files) {
        return files.with(
                "raft.directory", '"' + files.workDirectory().resolve("raft").toString() + '"');
    }

    @Override
    public void close() throws IOException {
        cluster.close();
        disks.close();
    }
}
