// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import static io.varve.metadata.machine.World.uuid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.metadata.LeaderInfo;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.QuorumListener;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.NoOp;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.SnapshotCodec;
import io.varve.proto.metadata.v1.Command;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RatisQuorumTest {

    @TempDir
    Path directory;

    @TempDir
    Path elsewhere;

    @Test
    void shouldKeepStateOverRestartsWithAndWithoutSnapshot() throws Exception {
        // given
        MetadataImage image;
        try (var voter = Voter.lead(directory)) {
            voter.populate("orders");
            image = voter.quorum.image();
            assertThat(image.topic("orders")).isPresent();
        }
        assertThat(snapshots()).hasSize(1);
        // when restarted from the snapshot that closing wrote
        try (var voter = Voter.lead(directory)) {
            assertThat(SnapshotCodec.encode(voter.quorum.image())).isEqualTo(SnapshotCodec.encode(image));
            voter.create("more");
            var unused = voter.quorum.snapshot().get(10, TimeUnit.SECONDS);
            voter.create("most");
            image = voter.quorum.image();
            Voter.copy(directory, elsewhere);
        }
        // and when killed after a snapshot and one more command
        try (var voter = Voter.lead(elsewhere)) {
            assertThat(voter.quorum.image()).isEqualTo(image);
            assertThat(voter.ready.get()).isGreaterThanOrEqualTo(3);
        }
    }

    private List<Path> snapshots() throws Exception {
        var sm = directory.resolve(Voter.IDENTITY.clusterId().toString()).resolve("sm");
        try (var files = Files.list(sm)) {
            return files.filter(f -> f.getFileName().toString().matches("snapshot\\.\\d+_\\d+"))
                    .toList();
        }
    }

    @Test
    void shouldTellListenersEverythingInOrder() throws Exception {
        try (var voter = Voter.lead(directory)) {
            voter.populate("orders");
            var heard = new CopyOnWriteArrayList<MetadataImage>();
            var terms = new ArrayList<Long>();
            voter.quorum.addListener(new QuorumListener() {
                @Override
                public void onImageReset(MetadataImage image) {
                    heard.add(image);
                }

                @Override
                public void onApplied(long index, long term, MetadataDelta delta, MetadataImage image) {
                    assertThat(heard.get(heard.size() - 1).plus(delta)).isEqualTo(image);
                    heard.add(image);
                }

                @Override
                public void onLeaderReady(long term) {
                    terms.add(term);
                }
            });
            voter.create("a");
            voter.create("b");
            assertThat(heard).hasSize(3);
            assertThat(heard.get(2)).isEqualTo(voter.quorum.image());
            assertThat(terms).containsExactly(voter.ready.get());
            assertThat(voter.quorum.leader()).isEqualTo(new LeaderInfo(1, terms.get(0), true));
        }
    }

    @Test
    void shouldSurvivePoisonCommand() throws Exception {
        var poison = Command.newBuilder()
                .setFormat(1)
                .setTypeValue(5)
                .setVersion(1)
                .setPayload(com.google.protobuf.ByteString.copyFromUtf8("poison"))
                .build()
                .toByteArray();
        try (var voter = Voter.lead(directory)) {
            for (var bytes : new byte[][] {poison, {}, {1, 2, 3}}) {
                var reply = voter.quorum.submit(bytes).get(10, TimeUnit.SECONDS);
                assertThat(reply.result().rejection().orElseThrow().reason())
                        .isEqualTo(ErrorReason.ERROR_REASON_UNKNOWN_SERVER_ERROR);
            }
            voter.populate("orders");
            assertThat(voter.fatal).isNotDone();
        }
        try (var voter = Voter.lead(directory)) {
            assertThat(voter.quorum.image().topic("orders")).isPresent();
        }
    }

    @Test
    void shouldDieOfCommandThatOnlyNewerSoftwareKnows() throws Exception {
        var newer = Command.newBuilder().setFormat(9).setTypeValue(1).build().toByteArray();
        try (var voter = Voter.lead(directory)) {
            var reply = voter.quorum.submit(newer);
            assertThat(voter.fatal.get(10, TimeUnit.SECONDS)).hasMessageContaining("format 9");
            assertThatThrownBy(() -> reply.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(MetadataRejection.class);
        }
    }

    @Test
    void shouldAcceptTrueCrcOfImageAndDieOfWrongOne() throws Exception {
        try (var voter = Voter.lead(directory)) {
            voter.populate("orders");
            var image = voter.quorum.image();
            var same = voter.apply(new NoOp(SnapshotCodec.crc(image), image.index()));
            assertThat(same.result()).isEqualTo(new CommandResult.Done());
            image = voter.quorum.image();
            var unused = voter.quorum.submit(io.varve.metadata.command.MetadataCommand.unfenced(
                    new NoOp(SnapshotCodec.crc(image) + 1, image.index())));
            assertThat(voter.fatal.get(10, TimeUnit.SECONDS)).hasMessageContaining("CRC");
        }
    }

    @Test
    void shouldRefuseAfterCloseWithoutHavingAppliedAnything() throws Exception {
        var voter = Voter.lead(directory);
        voter.close();
        assertThatThrownBy(() -> voter.apply(new NoOp(0, 0)))
                .satisfies(t -> assertThat(Voter.rejection(t).outcome()).isEqualTo(Outcome.OUTCOME_NOT_APPLIED))
                .satisfies(t ->
                        assertThat(Voter.rejection(t).reason()).isEqualTo(ErrorReason.ERROR_REASON_NOT_CONTROLLER));
        assertThat(voter.fatal).isNotDone();
    }

    @Test
    void shouldRefuseCommandThatIsTooLarge() throws Exception {
        try (var voter = Voter.lead(directory)) {
            var topics = new ArrayList<CommandBody.TopicToDelete>();
            for (int i = 0; i < 40_000; i++) {
                topics.add(new CommandBody.TopicToDelete(uuid("t" + i), "t" + i));
            }
            assertThatThrownBy(() -> voter.apply(new CommandBody.DeleteTopics(topics)))
                    .satisfies(t -> assertThat(Voter.rejection(t).reason())
                            .isEqualTo(ErrorReason.ERROR_REASON_INVALID_REQUEST));
        }
    }

    @Test
    void shouldSayThatAddressIsTaken() throws Exception {
        RaftDirectory.format(directory, Voter.IDENTITY);
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> RatisQuorum.start(Voter.settings(directory, Voter.IDENTITY, port)))
                    .hasMessageContaining("127.0.0.1:" + port)
                    .extracting(t -> ((RaftStartException) t).kind())
                    .isEqualTo(RaftStartException.Kind.ADDRESS);
        }
        // and nothing of it is left in the way
        Voter.lead(directory).close();
    }
}
