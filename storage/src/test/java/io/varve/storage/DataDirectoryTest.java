// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static io.varve.storage.Batches.at;
import static io.varve.storage.Batches.produced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.storage.StorageException.Kind;
import io.varve.storage.file.RealFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    private final RealFiles files = new RealFiles();

    @TempDir
    private Path temporary;

    private Path root;

    @BeforeEach
    void name() {
        root = temporary.resolve("data");
    }

    private DataDirectory open() throws StorageException {
        return Directories.open(files, root, LogSettings.DEFAULT);
    }

    private static void assertKind(Kind kind, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StorageException.class,
                        e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
    }

    @Test
    void shouldSayWhoseItIs() throws Exception {
        assertKind(Kind.NOT_FORMATTED, this::open);
        DataDirectory.format(files, root, Directories.IDENTITY);
        assertThat(DataDirectory.identify(files, root)).isEqualTo(Directories.IDENTITY);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root)))
                .isEqualTo("rwx------");
        assertKind(Kind.FOREIGN, () -> DataDirectory.format(files, root, Directories.IDENTITY));
    }

    @Test
    void shouldRefuseANewerOrDamagedIdentity() throws Exception {
        DataDirectory.format(files, root, Directories.IDENTITY);
        Path meta = root.resolve("meta.properties");
        String good = Files.readString(meta);
        Files.writeString(meta, good.replace("node.id=1", "node.id=2"));
        assertKind(Kind.DAMAGED, this::open);
        Files.writeString(meta, "");
        assertKind(Kind.DAMAGED, this::open);
        Files.writeString(meta, good.replace("version=1", "version=2"));
        assertKind(Kind.FOREIGN, this::open);
    }

    @Test
    void shouldLetOneUseItAtATimeAndNameTheHolder() throws Exception {
        DataDirectory.format(files, root, Directories.IDENTITY);
        try (DataDirectory first = open()) {
            assertThat(first.freeBytes()).isPositive();
            assertThatThrownBy(this::open)
                    .hasMessageContaining(
                            "locked by process " + ProcessHandle.current().pid());
        }
        open().close();
    }

    @Test
    void shouldFollowNoLinks() throws Exception {
        DataDirectory.format(files, root, Directories.IDENTITY);
        Path elsewhere = Files.createDirectory(temporary.resolve("elsewhere"));
        Files.delete(root.resolve("logs"));
        Files.createSymbolicLink(root.resolve("logs"), elsewhere);
        assertKind(Kind.FOREIGN, this::open);
        Files.delete(root.resolve("logs"));
        Files.createDirectory(root.resolve("logs"));
        Files.createSymbolicLink(root.resolve("logs").resolve(Directories.LOG.toString()), elsewhere);
        assertKind(Kind.FOREIGN, this::open);
        Files.delete(root.resolve("logs").resolve(Directories.LOG.toString()));
        Path target = Files.writeString(temporary.resolve("target"), "untouched", StandardCharsets.UTF_8);
        Files.delete(root.resolve("epochs"));
        Files.createSymbolicLink(root.resolve("epochs"), target);
        assertThatThrownBy(this::open).isInstanceOf(IOException.class);
        assertThat(target).hasContent("untouched");
    }

    @Test
    void shouldMakeNoFolderBeforeTheFirstAppend() throws Exception {
        DataDirectory.format(files, root, Directories.IDENTITY);
        Path folder = root.resolve("logs").resolve(Directories.LOG.toString());
        try (DataDirectory directory = open()) {
            PartitionLog log = directory.create(Directories.LOG, LogSettings.DEFAULT);
            assertThat(folder).doesNotExist();
            log.stage(at(0, 1, produced(1, "a")));
            assertThat(folder).exists();
        }
        try (DataDirectory directory = open()) {
            assertThat(directory.logs()).containsOnlyKeys(Directories.LOG);
        }
    }

    @Test
    void shouldForgetADeletedLogAndStartAnewUnderItsId() throws Exception {
        DataDirectory.format(files, root, Directories.IDENTITY);
        try (DataDirectory directory = open()) {
            PartitionLog log = directory.create(Directories.LOG, LogSettings.DEFAULT);
            log.stage(at(0, 7, produced(1, "a")));
            directory.checkpoint();
            directory.delete(Directories.LOG);
            assertKind(Kind.CLOSED, () -> log.read(0, 10, 10, Batches.MEMORY));
            assertThat(root.resolve("logs")).isEmptyDirectory();
            PartitionLog again = directory.create(Directories.LOG, LogSettings.DEFAULT);
            assertThat(again.stagedEndOffset()).isZero();
            again.stage(at(0, 2, produced(1, "b"))); // a lower epoch: nothing is left of the old one
        }
        try (DataDirectory directory = open()) {
            PartitionLog log = directory.find(Directories.LOG).orElseThrow();
            assertThat(Batches.readAll(log, 10)).containsExactly("0:b");
            assertThat(log.epochChain()).containsExactly(new EpochEntry(2, 0));
        }
    }

    @Test
    void shouldKeepWhatWasSetAsideForAWhile() throws Exception {
        DataDirectory.format(files, root, Directories.IDENTITY);
        try (DataDirectory directory = open()) {
            directory.create(Directories.LOG, LogSettings.DEFAULT).stage(at(0, 7, produced(1, "a")));
            directory.setAside(Directories.LOG);
            assertThat(directory.logs()).isEmpty();
            Path stray = root.resolve("logs").resolve(Directories.LOG + ".1000000.stray");
            assertThat(stray).exists();
            assertThat(directory.deleteStrays(Duration.ofHours(24))).isZero();
            assertThat(directory.deleteStrays(Duration.ofMillis(-1))).isOne();
            assertThat(Files.exists(stray, LinkOption.NOFOLLOW_LINKS)).isFalse();
        }
    }

    @Test
    void shouldNameLogsAsPeopleSeeThem() {
        LogId id = new LogId(UUID.randomUUID(), 12);
        assertThat(LogId.parse(id.toString())).isEqualTo(id);
        assertThat(id.toString()).hasSize(25).endsWith("-12");
        for (String wrong : new String[] {"", "x-1", id + "x", id.toString().replace("-12", "-+1"), "..", "a/b"}) {
            assertThatThrownBy(() -> LogId.parse(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
