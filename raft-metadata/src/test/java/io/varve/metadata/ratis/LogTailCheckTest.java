// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.varve.metadata.ratis.RaftStartException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LogTailCheckTest {

    @TempDir
    static Path killed;

    /** The last of the commands that were acknowledged, and the byte after the last entry. */
    static long acknowledged;

    static int end;

    @TempDir
    Path directory;

    @BeforeAll
    static void leaveWhatKillLeaves(@TempDir Path running) throws Exception {
        var voter = Voter.lead(running);
        voter.populate("orders");
        voter.create("more");
        acknowledged = voter.quorum.image().index();
        // Behind the last command comes an entry that only says that it was committed. The tests damage that one.
        await().until(() ->
                new SegmentScan(segment(running), 0, RatisProperties.MAX_ENTRY_BYTES).nextIndex() > acknowledged + 1);
        Voter.copy(running, killed);
        voter.close();
        byte[] log = Files.readAllBytes(segment(killed));
        end = log.length;
        while (log[end - 1] == 0) {
            end--;
        }
    }

    private static Path segment(Path root) throws IOException {
        var current = root.resolve(Voter.IDENTITY.clusterId().toString()).resolve("current");
        try (var files = Files.list(current)) {
            return files.filter(f -> f.getFileName().toString().startsWith("log_inprogress"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private interface Damage {
        byte[] to(byte[] log);
    }

    private Path damaged(Path root, Damage damage) throws IOException {
        Voter.copy(killed, root);
        var log = segment(root);
        Files.write(log, damage.to(Files.readAllBytes(log)));
        return root;
    }

    /** The index at which the log would be cut. */
    private static long check(byte[] log) {
        return new SegmentScan(log, 0, RatisProperties.MAX_ENTRY_BYTES).nextIndex();
    }

    /** The log with a little of the zeros behind it. */
    private static byte[] log() throws IOException {
        return Arrays.copyOf(Files.readAllBytes(segment(killed)), end + 64);
    }

    @Test
    void shouldReadLogOfKilledVoterToItsEnd() throws Exception {
        var scan = new SegmentScan(segment(killed), 0, RatisProperties.MAX_ENTRY_BYTES);
        assertThat(scan.damage()).isEmpty();
        assertThat(scan.nextIndex()).isGreaterThan(acknowledged);
        try (var voter = Voter.lead(damaged(directory.resolve("d"), log -> log))) {
            assertThat(voter.quorum.image().topic("more")).isPresent();
        }
    }

    @Test
    void shouldStartWhenLastEntryIsTornWithinZeros() throws Exception {
        // the entry after the last acknowledged command, which only says that it was committed
        var root = damaged(directory.resolve("d"), log -> {
            Arrays.fill(log, end - 3, end, (byte) 0);
            return log;
        });
        var voter = Voter.lead(root);
        assertThat(voter.quorum.image().topic("more")).isPresent();
        voter.create("after");
        voter.close();
    }

    @Test
    void shouldStartWhenLastEntryIsCutShort() throws Exception {
        var voter = Voter.lead(damaged(directory.resolve("d"), log -> Arrays.copyOf(log, end - 5)));
        assertThat(voter.quorum.image().topic("more")).isPresent();
        voter.close();
    }

    @Test
    void shouldNeverCutCommittedEntriesForOneFlippedByte() throws Exception {
        byte[] good = log();
        for (int at = 0; at < end; at++) {
            byte[] bad = good.clone();
            bad[at] ^= 0x20;
            var scan = new SegmentScan(bad, 0, RatisProperties.MAX_ENTRY_BYTES);
            assertThat(scan.damage()).as("byte %d", at).isNotEmpty();
            if (scan.nextIndex() <= acknowledged) {
                assertThat(scan.committedBehindDamage().orElse(-1))
                        .as("byte %d: entry %d", at, scan.nextIndex())
                        .isGreaterThanOrEqualTo(scan.nextIndex());
            }
        }
    }

    @Test
    void shouldRefuseFlippedByteInMiddle() throws Exception {
        var root = damaged(directory.resolve("d"), log -> {
            log[end / 2] ^= 1;
            return log;
        });
        assertThatThrownBy(() -> RatisQuorum.start(Voter.settings(root, Voter.IDENTITY, Voter.freePort())))
                .hasMessageContaining("were committed")
                .extracting(t -> ((RaftStartException) t).kind())
                .isEqualTo(Kind.DAMAGED);
    }

    @Test
    void shouldRefuseHoleOfZerosBeforeCommittedEntries() throws Exception {
        var root = damaged(directory.resolve("d"), log -> {
            Arrays.fill(log, end / 2, end / 2 + 40, (byte) 0);
            return log;
        });
        assertThatThrownBy(() -> RatisQuorum.start(Voter.settings(root, Voter.IDENTITY, Voter.freePort())))
                .isInstanceOf(RaftStartException.class);
    }

    @Test
    void shouldCutAtEveryLengthWithoutInventingEntries() throws Exception {
        byte[] good = log();
        long before = -1;
        for (int length = 8; length <= end; length++) {
            byte[] zeroed = good.clone();
            Arrays.fill(zeroed, length, good.length, (byte) 0);
            long cut = check(zeroed);
            assertThat(cut).isGreaterThanOrEqualTo(before);
            int same = length; // zeros that were there anyway are not missing
            while (same < end && good[same] == 0) {
                same++;
            }
            assertThat(check(Arrays.copyOf(good, same))).isEqualTo(cut);
            before = cut;
        }
        assertThat(before).isGreaterThan(acknowledged);
    }
}
