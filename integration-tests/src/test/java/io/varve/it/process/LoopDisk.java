// SPDX-License-Identifier: Apache-2.0
package io.varve.it.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A small ext4 file system in a file. It can lose its power: what was not forced is gone, as ext4's own shutdown request does it; it can be filled; and
 * it can fail, which makes it read-only under whoever uses it. Needs root and loop devices. Confined to one thread.
 */
public final class LoopDisk implements AutoCloseable {
    /** Long, so that the journal is written when something is forced and not by the clock. */
    private static final String MOUNT_OPTIONS = "loop,commit=600,errors=remount-ro";

    private final Path image;
    private final Path mountPoint;
    private boolean mounted;

    private LoopDisk(Path image, Path mountPoint) {
        this.image = image;
        this.mountPoint = mountPoint;
    }

    /** Why disks cannot be made here; empty when they can. */
    public static Optional<String> missing() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return Optional.of("mounting a disk needs root");
        }
        for (List<String> tool :
                List.of(List.of("mkfs.ext4", "-V"), List.of("mount", "-V"), List.of("python3", "-V"))) {
            try {
                Commands.run(tool);
            } catch (IOException e) {
                return Optional.of(tool.get(0) + " does not run: " + e.getMessage());
            }
        }
        try {
            Path probe = Files.createTempDirectory("varve-loop-probe");
            try (LoopDisk disk = create(probe, 16)) {
                return Files.isDirectory(disk.directory()) ? Optional.empty() : Optional.of("no directory");
            }
        } catch (IOException e) {
            return Optional.of("no loop devices: " + e.getMessage());
        }
    }

    /** Makes and mounts a disk in {@code parent}. */
    public static LoopDisk create(Path parent, int sizeMib) throws IOException {
        Path image = parent.resolve("disk.img");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength((long) sizeMib << 20);
        }
        Commands.run(List.of("mkfs.ext4", "-q", "-F", "-m", "0", image.toString()));
        LoopDisk disk = new LoopDisk(image, Files.createDirectories(parent.resolve("disk")));
        disk.mount();
        return disk;
    }

    /** Where to write. */
    public Path directory() {
        return mountPoint;
    }

    /**
     * From now on every write fails, and what was not forced is lost. Whoever writes must be frozen before: an fdatasync that is under way at this
     * moment may return success although nothing reached the disk (seen with a bare loop of writes, in one of six tries), and a real loss of power
     * would have let nobody see that result. The processes on the disk must be ended before {@link #powerOn}.
     */
    public void powerOff() throws IOException {
        powerOff(false);
    }

    /** @param journalKept whether names and sizes reach the disk all the same, without the bytes */
    public void powerOff(boolean journalKept) throws IOException {
        Path script = Files.createTempFile("power-loss", ".py");
        try (InputStream in = LoopDisk.class.getResourceAsStream("/io/varve/it/power-loss.py")) {
            if (in == null) {
                throw new IOException("power-loss.py is not on the class path");
            }
            Files.copy(in, script, StandardCopyOption.REPLACE_EXISTING);
            List<String> command = new ArrayList<>(List.of("python3", script.toString(), mountPoint.toString()));
            if (journalKept) {
                command.add("journal");
            }
            Commands.run(command);
        } finally {
            Files.delete(script);
        }
    }

    /** Mounts again what survived. */
    public void powerOn() throws IOException {
        unmount();
        mount();
    }

    /** Takes so much of what is free that only this many bytes are left. */
    public void fillUpTo(long freeBytes) throws IOException {
        long taken = Files.exists(ballast()) ? Files.size(ballast()) : 0;
        long wanted = taken + freeBytes() - freeBytes;
        if (wanted <= taken) {
            throw new IOException(
                    mountPoint + " has only " + freeBytes() + " bytes free, " + freeBytes + " are to be left");
        }
        Commands.run(List.of("fallocate", "-l", Long.toString(wanted), ballast().toString()));
    }

    /** Gives back what {@link #fillUpTo} took. */
    public void giveBack() throws IOException {
        Files.delete(ballast());
    }

    public long freeBytes() throws IOException {
        return Files.getFileStore(mountPoint).getUsableSpace();
    }

    private Path ballast() {
        return mountPoint.resolve("ballast");
    }

    /** What a disk error does to a file system that was mounted with errors=remount-ro: no write and no flush succeeds any more. */
    public void fail() throws IOException {
        String device = Commands.run(List.of("findmnt", "-n", "-o", "SOURCE", mountPoint.toString()))
                .strip();
        Files.writeString(
                Path.of("/sys/fs/ext4", Path.of(device).getFileName().toString(), "trigger_fs_error"), "test");
    }

    /** Checks and mounts again what failed; the processes on it must be ended before. */
    public void repair() throws IOException {
        unmount();
        try {
            Commands.run(List.of("e2fsck", "-p", image.toString()));
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("ended with 1:")) { // errors were there, and are no more
                throw e;
            }
        }
        mount();
    }

    @Override
    public void close() throws IOException {
        if (mounted) {
            unmount();
        }
        Files.deleteIfExists(image);
    }

    private void mount() throws IOException {
        Commands.run(List.of("mount", "-o", MOUNT_OPTIONS, image.toString(), mountPoint.toString()));
        mounted = true;
    }

    private void unmount() throws IOException {
        Commands.run(List.of("umount", mountPoint.toString()));
        mounted = false;
    }
}
