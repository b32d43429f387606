// SPDX-License-Identifier: Apache-2.0
package io.varve.it.cluster;

import io.varve.it.load.SteadyLoad;
import io.varve.it.process.ClusterDisks;
import io.varve.it.process.LoopDisk;
import io.varve.it.process.Pauses;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Three nodes under load, each on a disk of its own, that all lose their power at once: what none of them had forced is gone everywhere. They come back in
 * random order. Confined to one thread.
 */
final class ClusterPowerLoss implements AutoCloseable {
    private static final int GAP_MS_MAX = 2000;
    /** Less than a start takes: the power goes again while logs are recovered, or while the quorum forms. */
    private static final int STARTING_MS_MAX = 2500;

    private final ClusterOnDisks home;
    private final ClusterDisks disks;
    private final LoadedCluster cluster;
    private final Random random;

    private ClusterPowerLoss(ClusterOnDisks home, Random random) {
        this.home = home;
        this.disks = home.disks();
        this.cluster = home.cluster();
        this.random = random;
    }

    /** Returns when records are acknowledged. */
    static ClusterPowerLoss start(Path directory, int diskMib, SteadyLoad.Settings load, long seed) throws IOException {
        return new ClusterPowerLoss(
                ClusterOnDisks.start(directory, diskMib, ClusterOnDisks::withoutWatermarks, load, seed),
                new Random(seed));
    }

    LoadedCluster cluster() {
        return cluster;
    }

    /**
     * The power goes, and comes back; every node runs again when it returns, and not more than that.
     *
     * @param twice whether it goes again while the nodes start
     * @return what became of the disks, for a line of a report
     */
    String strike(boolean twice) throws IOException {
        StringBuilder told = new StringBuilder(powerOff());
        if (twice) {
            launchAll(0);
            Pauses.of(Duration.ofMillis(random.nextInt(STARTING_MS_MAX)));
            told.append(", again while starting: ").append(powerOff());
        }
        launchAll(GAP_MS_MAX);
        cluster.nodes().awaitReady();
        return told.toString();
    }

    private String powerOff() throws IOException {
        List<Integer> ids = shuffled();
        for (int id : ids) { // an fdatasync that is under way may return, but nobody sees it
            cluster.nodes().freeze(id);
        }
        List<String> told = new ArrayList<>();
        for (int id : ids) {
            boolean journalKept = random.nextInt(3) == 0;
            disks.of(id).powerOff(journalKept);
            told.add(id + (journalKept ? " keeps its journal" : ""));
        }
        ids.forEach(cluster.nodes()::kill);
        for (LoopDisk disk : disks.all()) {
            disk.powerOn();
        }
        return String.join(", ", told);
    }

    private void launchAll(int gapMsMax) throws IOException {
        for (int id : shuffled()) {
            if (gapMsMax > 0) {
                Pauses.of(Duration.ofMillis(random.nextInt(gapMsMax)));
            }
            cluster.nodes().launch(id);
        }
    }

    private List<Integer> shuffled() {
        List<Integer> ids = new ArrayList<>(cluster.nodes().ids());
        Collections.shuffle(ids, random);
        return ids;
    }

    @Override
    public void close() throws IOException {
        home.close();
    }
}
