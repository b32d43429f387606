// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import io.varve.metadata.ratis.RaftStartException.Kind;
import io.varve.proto.Uuids;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The Raft directory of one voter.
 *
 * <pre>
 * meta.properties     who it belongs to, written by {@link #format}
 * lock                held while a process uses it, its pid inside
 * everStarted         written once the first configuration was committed here
 * noted               written once enough of the other voters had noted this disk
 * standings           which disk each of the other voters had when it was first heard of
 * CLUSTER-ID/         what Ratis keeps: current/ (log, term and vote), sm/ (snapshots)
 * </pre>
 *
 * <p>{@code everStarted} without the last means that the disk lost what this voter has promised: coming back empty
 * under the same name, it could vote twice or acknowledge what it no longer has. Ratis alone would start it.
 */
public final class RaftDirectory implements Closeable {

    private static final String LOCK = "lock";
    private static final String EVER_STARTED = "everStarted";
    private static final String NOTED = "noted";

    private final Path directory;
    private final RaftIdentity identity;
    private final RaftFormat format;
    private final Standings standings;
    private final FileChannel lock;

    private RaftDirectory(Path directory, RaftFormat format, Standings standings, FileChannel lock) {
        this.directory = directory;
        this.identity = format.identity();
        this.format = format;
        this.standings = standings;
        this.lock = lock;
    }

    /**
     * Writes the identity of a node's voter, or of a node that has none, into a directory, which is made if it is not
     * there. Formatting again with the same identity and voters does nothing.
     *
     * @param voters of the quorum's formation; a node that is not one of them does not vote
     * @throws RaftStartException if the directory was formatted as something else
     */
    public static void format(Path directory, RaftIdentity identity, List<VoterId> voters) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        var sorted =
                voters.stream().sorted(Comparator.comparingInt(VoterId::nodeId)).toList();
        var present = IdentityFile.read(directory);
        if (present.isEmpty()) {
            IdentityFile.write(directory, new RaftFormat(identity, sorted, UUID.randomUUID()));
        } else if (!present.get().identity().equals(identity)) {
            throw foreign(directory, present.get().identity(), identity);
        } else if (!present.get().voters().equals(sorted)) {
            throw new RaftStartException(
                    Kind.FOREIGN,
                    "the Raft directory " + directory + " was formatted for the voters "
                            + present.get().voters() + ", not for " + sorted,
                    "use another raft.directory, or the voters that it was formatted for");
        }
    }

    /** Formats for the sole voter of a cluster. */
    public static void format(Path directory, RaftIdentity identity) throws IOException {
        format(directory, identity, List.of(new VoterId(identity.nodeId(), identity.directoryId())));
    }

    /** What it was formatted as; empty if it never was. */
    public static Optional<RaftFormat> formatOf(Path directory) throws IOException {
        return IdentityFile.read(directory);
    }

    /** Whose directory it is; empty if it was never formatted. */
    public static Optional<RaftIdentity> identity(Path directory) throws IOException {
        return IdentityFile.read(directory).map(RaftFormat::identity);
    }

    /** Takes the lock, after checking that this voter may start here at all. */
    public static RaftDirectory open(Path directory, RaftIdentity identity, long freeSpaceMinBytes) throws IOException {
        var present = IdentityFile.read(directory);
        if (present.isEmpty()) {
            throw new RaftStartException(
                    Kind.NOT_FORMATTED,
                    "the Raft directory " + directory + " is not formatted",
                    "run: varve node format");
        }
        if (!present.get().identity().equals(identity)) {
            throw foreign(directory, present.get().identity(), identity);
        }
        checkGroups(directory, identity);
        if (Files.exists(directory.resolve(EVER_STARTED)) && !Files.isDirectory(group(directory, identity))) {
            throw new RaftStartException(
                    Kind.DISK_LOST,
                    "the Raft log of node " + identity.nodeId() + " was in " + directory + " and is gone",
                    "restore it, or format a new directory and let this node join again");
        }
        long free = Files.getFileStore(directory).getUsableSpace();
        if (free < freeSpaceMinBytes) {
            throw new RaftStartException(
                    Kind.DISK_FULL,
                    "the disk of the Raft directory " + directory + " has " + free + " bytes free, " + freeSpaceMinBytes
                            + " are needed",
                    "free space on it");
        }
        var lock = lock(directory);
        try {
            return new RaftDirectory(directory, present.get(), Standings.open(directory), lock);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static void checkGroups(Path directory, RaftIdentity identity) throws IOException {
        try (var entries = Files.list(directory)) {
            for (var entry : entries.filter(Files::isDirectory).toList()) {
                var id = uuid(entry.getFileName().toString());
                // Ratis would start every group that it finds.
                if (id.isPresent() && !id.get().equals(identity.clusterId())) {
                    throw new RaftStartException(
                            Kind.FOREIGN,
                            "the Raft directory " + directory + " holds the log of cluster "
                                    + Uuids.toText(id.get()) + ", this is cluster "
                                    + Uuids.toText(identity.clusterId()),
                            "use another raft.directory");
                }
            }
        }
    }

    private static Optional<UUID> uuid(String name) {
        try {
            return Optional.of(UUID.fromString(name));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static FileChannel lock(Path directory) throws IOException {
        var file = directory.resolve(LOCK);
        var channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                var pid = Long.toString(ProcessHandle.current().pid());
                channel.truncate(0).write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)));
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // This very process holds it: told as below.
        }
        var holder = Files.readString(file).strip();
        channel.close();
        throw new RaftStartException(
                Kind.LOCKED,
                "the Raft directory " + directory + " is in use by process " + holder,
                "stop that process, or use another raft.directory");
    }

    /** What it was formatted as. */
    public RaftFormat format() {
        return format;
    }

    /**
     * Answers another voter that is about to start for the first time, as far as it can know: false if it was here
     * before with another disk. From then on no other disk gets yes. Writes to disk. Thread-safe.
     */
    public boolean noteDisk(VoterId voter, UUID diskId) throws IOException {
        return standings.note(voter, diskId);
    }

    /**
     * How many of the others must have noted this voter's disk before it starts; 0 once they did, and for a sole voter.
     */
    public int notesNeeded() {
        boolean noted = !firstStart() || Files.exists(directory.resolve(NOTED));
        return noted ? 0 : Standings.needed(format.voters().size());
    }

    /** So many others have noted this disk: they need not be asked again. */
    public void markNoted() throws IOException {
        if (notesNeeded() > 0) {
            CheckedFile.replace(directory, NOTED, "");
        }
    }

    /** Whether this voter has never got so far that a configuration was committed here. */
    boolean firstStart() {
        return !Files.exists(directory.resolve(EVER_STARTED));
    }

    /** From now on a missing log is a lost log. Idempotent. */
    void markStarted() throws IOException {
        if (firstStart()) {
            CheckedFile.forceDirectory(directory);
            CheckedFile.replace(directory, EVER_STARTED, "");
        }
    }

    /** What a start that was interrupted before anything was promised has left. */
    void removeUnusedGroup() throws IOException {
        var group = group();
        if (!firstStart() || !Files.isDirectory(group) || Files.exists(current().resolve("raft-meta"))) {
            return;
        }
        try (var entries = Files.walk(group)) {
            for (var entry : entries.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(entry);
            }
        }
    }

    boolean hasGroup() {
        return Files.isDirectory(group());
    }

    Path root() {
        return directory;
    }

    /** Where Ratis keeps log, term and vote. */
    Path current() {
        return group().resolve("current");
    }

    /** Where the snapshots are. */
    Path snapshots() {
        return group().resolve("sm");
    }

    private Path group() {
        return group(directory, identity);
    }

    private static Path group(Path directory, RaftIdentity identity) {
        return directory.resolve(identity.clusterId().toString());
    }

    private static RaftStartException foreign(Path directory, RaftIdentity present, RaftIdentity expected) {
        var what = !present.clusterId().equals(expected.clusterId())
                ? "cluster " + Uuids.toText(present.clusterId()) + ", this is cluster "
                        + Uuids.toText(expected.clusterId())
                : present.nodeId() != expected.nodeId()
                        ? "node " + present.nodeId() + ", this is node " + expected.nodeId()
                        : "data directory " + Uuids.toText(present.directoryId()) + ", this is "
                                + Uuids.toText(expected.directoryId());
        return new RaftStartException(
                Kind.FOREIGN,
                "the Raft directory " + directory + " belongs to " + what,
                "use the directory that belongs to this node, or format a new one");
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
