// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.replication.link.LinkSettings;
import io.varve.simulation.check.Stop;
import io.varve.simulation.engine.NodeProcess;
import io.varve.simulation.engine.SimRandom;
import io.varve.storage.DataDirectory;
import io.varve.storage.DirectoryIdentity;
import io.varve.storage.StorageException;
import io.varve.storage.testkit.SimFs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The machine of one node: its disk, its clock, its power, and the process that runs on it, or none. Lasts as long as the simulation. */
public final class SimHost {
    private static final long JITTER_NANOS = 50_000_000L;

    private final int nodeId;
    private final NodeWorld world;
    private final NodeProcess process;
    private final SimRandom random;
    private final DiskPace pace;
    private final ClientDoor clientDoor = new ClientDoor();
    private SimFs disk;
    private int disks;
    private @Nullable RunningNode running;
    private int diskProcess;
    private boolean exiting;
    private boolean exitClean;
    private long starts;
    private long truncations;
    private long pressed;
    private long busy;
    private boolean ioFaults;
    private boolean rot;
    private @Nullable SimFs remembered;
    private long rememberedEpoch;
    private Stop left = Stop.CLEAN;
    private long diskLostBy; // the last process on the disk that was lost
    private long metadataDelayNanos;

    SimHost(int nodeId, NodeWorld world, NodeProcess process) {
        this.nodeId = nodeId;
        this.world = world;
        this.process = process;
        this.random = world.random().stream("host", nodeId);
        this.pace = new DiskPace(world.scheduler());
        this.disk = newDisk();
    }

    private SimFs newDisk() {
        SimRandom chance = random.stream("disk", ++disks);
        SimFs fresh = new SimFs(chance.nextLong());
        fresh.allowShortWrites(chance.nextBoolean());
        UUID directoryId = new UUID(chance.nextLong(), nodeId);
        try {
            DataDirectory.format(
                    fresh,
                    NodeFiles.DATA,
                    new DirectoryIdentity(world.clusterId(), nodeId, directoryId, DirectoryIdentity.FORMAT_VERSION));
        } catch (StorageException e) {
            throw new IllegalStateException("a new disk cannot be formatted", e);
        }
        return fresh;
    }

    int nodeId() {
        return nodeId;
    }

    NodeProcess process() {
        return process;
    }

    DiskPace pace() {
        return pace;
    }

    SimRandom random() {
        return random;
    }

    ClientDoor clientDoor() {
        return clientDoor;
    }

    SimFs disk() {
        return disk;
    }

    @Nullable
    RunningNode running() {
        return running;
    }

    LinkSettings linkSettings(int peer) {
        LinkSettings.Times times = LinkSettings.DEFAULT.times();
        long jitter = random.stream("jitter", peer).nextLong(JITTER_NANOS);
        return new LinkSettings(times.withJitterNanos(jitter), TightLimits.LINK);
    }

    /** How much later, on average, its process learns of the metadata. */
    long metadataDelayNanos() {
        return metadataDelayNanos;
    }

    void delayMetadata(long nanos) {
        metadataDelayNanos = nanos;
    }

    /** Its disk does not do what it is asked, for as long as the process lives that is there now. */
    void noteIoFault() {
        ioFaults = true;
    }

    /** Whether some bit of its disk is, or was, not what was written. */
    boolean hasRot() {
        return rot;
    }

    /** Flips a bit of a file that is not written any more; false if there is none. */
    boolean rot(long which) {
        List<Path> candidates = rotting();
        if (candidates.isEmpty()) {
            return false;
        }
        Path file = candidates.get((int) (which % candidates.size()));
        long bits = 8L * disk.contents(file).length;
        disk.flipBit(file, which * 7919 % bits);
        rot = true;
        if (running != null) {
            running.beginScrub();
        }
        return true;
    }

    /** Of logs, all but the newest segments; what was made of them, too. */
    private List<Path> rotting() {
        Map<Path, String> newest = new TreeMap<>();
        List<Path> all = disk.files().keySet().stream()
                .filter(path -> path.startsWith(NodeFiles.DATA.resolve("logs")) && disk.contents(path).length > 0)
                .sorted()
                .toList();
        for (Path path : all) {
            if (path.toString().endsWith(".log")) {
                newest.merge(folder(path), segment(path), (a, b) -> a.compareTo(b) > 0 ? a : b);
            }
        }
        return all.stream()
                .filter(path -> folder(path).toString().indexOf('.') < 0
                        && segment(path).compareTo(newest.getOrDefault(folder(path), "")) < 0)
                .toList();
    }

    private static Path folder(Path file) {
        return Objects.requireNonNull(file.getParent());
    }

    private static String segment(Path file) {
        String name = String.valueOf(file.getFileName());
        int dot = name.indexOf('.');
        return dot < 0 ? "~" : name.substring(0, dot);
    }

    boolean hasIoFaults() {
        return ioFaults;
    }

    /** A log was cut because it had diverged. */
    void countTruncation() {
        truncations++;
    }

    /** A link of its node held too much. */
    void countPressed() {
        pressed++;
    }

    /** A leader on its node was refused, because too much waited somewhere. */
    void countBusy() {
        busy++;
    }

    long pressed() {
        return pressed;
    }

    long busy() {
        return busy;
    }

    long truncations() {
        return truncations;
    }

    long starts() {
        return starts;
    }

    /** Starts its process, unless there is one. If its disk does not let it start, it ends again at once. */
    void boot() {
        if (process.alive()) {
            return;
        }
        process.start();
        starts++;
        exiting = false;
        world.events().started(nodeId, incarnation());
        disk.clearFaults();
        ioFaults = false;
        try {
            RunningNode next = new RunningNode(this, world, disk.newProcess());
            diskProcess = disk.process();
            running = next;
            next.start();
        } catch (IOException e) {
            stopping(left);
            process.end(false);
            disk.crash();
        }
    }

    /** The process ends, now: by itself or with the machine's power. */
    void crash(boolean powerLoss) {
        if (!process.alive()) {
            if (powerLoss) {
                process.end(true);
                disk.losePower();
            }
            return;
        }
        end(powerLoss ? Stop.POWER_LOSS : Stop.CRASH);
        if (powerLoss) {
            disk.losePower();
        } else {
            disk.crash();
        }
    }

    private void end(Stop how) {
        RunningNode was = running;
        if (was != null && was.isMarked()) {
            stopping(Stop.CLEAN); // everything is on the disk, whatever ends the process
        } else if (was != null && was.brokerEpoch() == 0) {
            stopping(left); // it never was registered, so the disk is as its predecessor left it
        } else {
            stopping(how);
        }
        running = null;
        process.end(how == Stop.POWER_LOSS);
        if (was != null) {
            was.release();
        }
    }

    private void stopping(Stop how) {
        left = how;
        world.events().stopping(nodeId, how);
    }

    /** Of the newest process. */
    UUID incarnation() {
        return new UUID(nodeId, process.incarnation());
    }

    /** Ends as soon as the event that runs now is over. */
    void exitSoon(boolean clean) {
        exiting = true;
        exitClean = clean;
        world.scheduler().after(0, "exit", this::exitNow);
    }

    private void exitNow() {
        if (!exiting || !process.alive()) {
            return;
        }
        end(exitClean ? Stop.CLEAN : Stop.CRASH);
        disk.crash();
    }

    /** After each event: whether the disk ended the process in the middle of it. */
    void lookAtDisk() {
        if (running != null && disk.process() != diskProcess) {
            diskProcess = disk.process();
            world.scheduler().after(0, "died in the middle", () -> {
                if (running != null) {
                    end(disk.diedOfPowerLoss() ? Stop.POWER_LOSS : Stop.CRASH);
                }
            });
        }
    }

    /** The machine gets another, empty disk; its process must have ended. */
    void swapDisk() {
        requireStopped();
        stopping(Stop.OTHER_DISK);
        diskLostBy = process.incarnation();
        disk = newDisk();
    }

    /** Whether the controllers do not know yet that its disk is another one. */
    boolean hasUnknownDisk() {
        long registered = world.log()
                .committed()
                .broker(nodeId)
                .map(b -> b.identity().incarnation().getLeastSignificantBits())
                .orElse(0L);
        return diskLostBy > 0 && registered <= diskLostBy;
    }

    /** Whether it ever lost a disk. */
    boolean hasLostDisk() {
        return diskLostBy > 0;
    }

    /** Keeps what is on the disk now, to be put back later. */
    void rememberDisk() {
        remembered = disk.copy(random.nextLong());
        rememberedEpoch = running == null ? Long.MAX_VALUE : running.brokerEpoch();
    }

    /** Whether the image that is kept is of an earlier registration than {@code brokerEpoch}: of the same one, nobody could tell. */
    boolean hasImageBefore(long brokerEpoch) {
        return remembered != null && rememberedEpoch > 0 && rememberedEpoch < brokerEpoch;
    }

    /** The machine's disk is the image that is kept from now on; its process must have ended. */
    void restoreDisk() {
        requireStopped();
        SimFs image = remembered;
        if (image != null) {
            stopping(Stop.OTHER_DISK);
            diskLostBy = process.incarnation();
            disk = image;
            remembered = null;
            disk.losePower(); // an image of a disk has nothing of its cache
        }
    }

    private void requireStopped() {
        if (process.alive()) {
            throw new IllegalStateException("node " + nodeId + " runs");
        }
    }
}
