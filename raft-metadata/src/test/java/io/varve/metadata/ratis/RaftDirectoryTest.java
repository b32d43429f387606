// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.metadata.machine.World;
import io.varve.metadata.ratis.RaftStartException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RaftDirectoryTest {

    @TempDir
    Path directory;

    private static void refused(ThrowingCallable call, Kind kind, String words) {
        assertThatThrownBy(call)
                .isInstanceOf(RaftStartException.class)
                .hasMessageContaining(words)
                .extracting(t -> ((RaftStartException) t).kind())
                .isEqualTo(kind);
    }

    private RatisQuorum start(RaftIdentity identity) throws IOException {
        return RatisQuorum.start(Voter.settings(directory, identity, Voter.freePort()));
    }

    @Test
    void shouldRefuseDirectoryThatIsNotFormatted() {
        refused(() -> start(Voter.IDENTITY), Kind.NOT_FORMATTED, "is not formatted");
    }

    @Test
    void shouldRefuseDirectoryOfAnotherClusterNodeOrDisk() throws Exception {
        var id = Voter.IDENTITY;
        RaftDirectory.format(directory, id);
        RaftDirectory.format(directory, id);
        assertThat(RaftDirectory.identity(directory)).contains(id);
        var otherCluster = new RaftIdentity(World.uuid("x"), id.nodeId(), id.directoryId());
        refused(() -> start(otherCluster), Kind.FOREIGN, "belongs to cluster");
        refused(() -> RaftDirectory.format(directory, otherCluster), Kind.FOREIGN, "belongs to cluster");
        refused(() -> start(new RaftIdentity(id.clusterId(), 2, id.directoryId())), Kind.FOREIGN, "this is node 2");
        refused(
                () -> start(new RaftIdentity(id.clusterId(), 1, World.uuid("disk"))),
                Kind.FOREIGN,
                "belongs to data directory");
    }

    @Test
    void shouldRefuseLogOfAnotherCluster() throws Exception {
        RaftDirectory.format(directory, Voter.IDENTITY);
        Files.createDirectory(directory.resolve(World.uuid("x").toString()));
        refused(() -> start(Voter.IDENTITY), Kind.FOREIGN, "holds the log of cluster");
    }

    @Test
    void shouldRefuseWipedDirectoryOnceItWasStarted() throws Exception {
        Voter.lead(directory).close();
        delete(directory.resolve(Voter.IDENTITY.clusterId().toString()));
        refused(() -> start(Voter.IDENTITY), Kind.DISK_LOST, "is gone");
    }

    @Test
    void shouldRefuseEmptiedLogOnceItWasStarted() throws Exception {
        Voter.lead(directory).close();
        var group = directory.resolve(Voter.IDENTITY.clusterId().toString());
        try (var files = Files.list(group.resolve("current"))) {
            for (var file : files.filter(f -> f.getFileName().toString().startsWith("log_"))
                    .toList()) {
                Files.delete(file);
            }
        }
        refused(() -> start(Voter.IDENTITY), Kind.DAMAGED, "holds no log");
    }

    @Test
    void shouldStartAfterFirstStartWasInterrupted() throws Exception {
        RaftDirectory.format(directory, Voter.IDENTITY);
        Files.createDirectories(
                directory.resolve(Voter.IDENTITY.clusterId().toString()).resolve("current"));
        Voter.lead(directory).close();
    }

    @Test
    void shouldRefuseSecondProcessAndLeaveFirstAlone() throws Exception {
        try (var voter = Voter.lead(directory)) {
            refused(() -> start(Voter.IDENTITY), Kind.LOCKED, "in use by process");
            voter.populate("orders");
        }
    }

    @Test
    void shouldRefuseIdentityThatIsTornOrEdited() throws Exception {
        RaftDirectory.format(directory, Voter.IDENTITY);
        var file = directory.resolve("meta.properties");
        var text = Files.readString(file);
        Files.writeString(file, text.replace("node.id=1", "node.id=2"));
        refused(() -> RaftDirectory.identity(directory), Kind.DAMAGED, "CRC");
        Files.writeString(file, "");
        refused(() -> start(Voter.IDENTITY), Kind.DAMAGED, "CRC");
    }

    @Test
    void shouldUseSnapshotBeforeDamagedOne() throws Exception {
        try (var voter = Voter.lead(directory)) {
            voter.populate("orders");
            var unused = voter.quorum.snapshot().get(10, java.util.concurrent.TimeUnit.SECONDS);
            voter.create("more");
        }
        var sm = directory.resolve(Voter.IDENTITY.clusterId().toString()).resolve("sm");
        try (var files = Files.list(sm)) {
            var newest = files.filter(f -> f.getFileName().toString().matches("snapshot\\.\\d+_\\d+"))
                    .max(Comparator.comparing(Path::toString))
                    .orElseThrow();
            byte[] bytes = Files.readAllBytes(newest);
            bytes[bytes.length / 2] ^= 1;
            Files.write(newest, bytes);
        }
        var voter = Voter.lead(directory);
        assertThat(voter.quorum.image().topic("orders")).isPresent();
        assertThat(voter.quorum.image().topic("more")).isPresent();
        voter.close();
    }

    private static void delete(Path root) throws IOException {
        try (var files = Files.walk(root)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
