// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import static io.varve.metadata.machine.World.uuid;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.Placement;
import io.varve.metadata.command.CommandBody.TopicToCreate;
import io.varve.metadata.command.CommandCodec;
import io.varve.metadata.command.CommandCodec.Decoded;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataRecord;
import io.varve.metadata.image.NodeReport;
import io.varve.metadata.image.RecordCodec;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.image.ReplicaReport;
import io.varve.metadata.image.RequestId;
import io.varve.metadata.image.SnapshotCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Bytes that a Raft directory may hold for years. A difference here is a directory that can no longer be read, or that
 * two versions of the software understand differently. {@code -Dupdate-golden=true} writes new ones, for a new version
 * of the format only.
 */
class GoldenFormatTest {

    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    private final World world = new World().activate().nodes(1, 2);

    private List<CommandBody> commands() {
        var topic = new TopicToCreate(
                "orders",
                uuid("orders"),
                2,
                2,
                new TreeMap<>(Map.of("retention.ms", "1000", "durability", "written")),
                Placement.seeded(42),
                false);
        var given =
                new TopicToCreate("__x", uuid("x"), 1, 1, new TreeMap<>(), new Placement(0, List.of(List.of(2))), true);
        var ref = new BrokerRef(1, 3);
        return List.of(
                new CommandBody.ActivateController(1, uuid("c")),
                World.registration(3, 7, true, List.of(new ReplicaId(uuid("orders"), 1))),
                new CommandBody.FenceBrokers(List.of(ref), "silent"),
                new CommandBody.UnfenceBroker(ref),
                new CommandBody.CreateTopics(List.of(topic, given)),
                new CommandBody.DeleteTopics(List.of(new CommandBody.TopicToDelete(uuid("x"), "__x"))),
                new CommandBody.CreatePartitions(uuid("orders"), 4, Placement.seeded(43)),
                new CommandBody.AlterPartition(
                        ref, List.of(new CommandBody.PartitionToAlter(uuid("orders"), 1, 2, 3, List.of(ref)))),
                new CommandBody.ElectLeaders(
                        CommandBody.ElectionType.UNCLEAN,
                        List.of(new CommandBody.PartitionToElect(
                                uuid("orders"), 1, Optional.of(new CommandBody.UncleanChoice(ref, 5))))),
                new CommandBody.ResignLeadership(ref, uuid("orders"), 1, 2, "EIO", true, false),
                new CommandBody.AlterConfigs(
                        uuid("orders"),
                        new TreeMap<>(Map.of("retention.ms", Optional.empty(), "segment.ms", Optional.of("5")))),
                new CommandBody.AllocateProducerIds(ref),
                new CommandBody.NoOp(0xCAFEBABE, 9));
    }

    /** Added later; the files of those above stay as they were. */
    private static List<CommandBody> laterCommands() {
        var ref = new BrokerRef(1, 2);
        var report = new NodeReport(1, 1, new ReplicaReport(4, 900, 950));
        return List.of(
                new CommandBody.ElectLeaders(
                        CommandBody.ElectionType.TRANSFER,
                        List.of(CommandBody.PartitionToElect.transfer(uuid("orders"), 1, ref))),
                new CommandBody.ElectLeaders(
                        CommandBody.ElectionType.UNCLEAN,
                        List.of(new CommandBody.PartitionToElect(
                                uuid("orders"),
                                1,
                                Optional.of(new CommandBody.UncleanChoice(ref, 5, List.of(report)))))),
                new CommandBody.BeginShutdown(ref),
                new CommandBody.TakeDirectoryOffline(ref, "EIO"));
    }

    /** Later still. */
    private static List<CommandBody> damageCommands() {
        var ref = new BrokerRef(1, 2);
        return List.of(new CommandBody.ReportDamage(ref, List.of(new ReplicaId(uuid("orders"), 1)), "bad checksum"));
    }

    /** Later still. */
    private static List<CommandBody> freshStartCommands() {
        var ref = new BrokerRef(1, 2);
        return List.of(new CommandBody.ReportFreshStart(ref, List.of(new ReplicaId(uuid("orders"), 1))));
    }

    @Test
    void shouldWriteCommandsAsEver() throws IOException {
        shouldWriteAsEver(commands(), "commands-v1.txt");
        shouldWriteAsEver(laterCommands(), "commands-v1-later.txt");
        shouldWriteAsEver(damageCommands(), "commands-v1-damage.txt");
        shouldWriteAsEver(freshStartCommands(), "commands-v1-fresh-start.txt");
    }

    private static void shouldWriteAsEver(List<CommandBody> commands, String file) throws IOException {
        var lines = new ArrayList<String>();
        for (var body : commands) {
            var command = MetadataCommand.decidedBy(1, body)
                    .once(new RequestId(uuid("r"), 1))
                    .at(1_700_000_000_000L);
            byte[] bytes = CommandCodec.encode(command);
            assertThat(CommandCodec.decode(bytes)).isEqualTo(new Decoded.Understood(command));
            lines.add(body.getClass().getSimpleName() + " " + HexFormat.of().formatHex(bytes));
        }
        assertThat(lines).isEqualTo(golden(file, lines));
    }

    @Test
    void shouldWriteSnapshotAsEver() throws IOException {
        for (var body : commands()) {
            world.applied(MetadataCommand.decidedBy(1, body).once(new RequestId(uuid("r" + body), 1)));
        }
        byte[] bytes = SnapshotCodec.encode(world.image());
        var lines = List.of(HexFormat.of().formatHex(bytes).split("(?<=\\G.{120})"));
        assertThat(lines).isEqualTo(golden("snapshot-v1.txt", lines));
        assertThat(SnapshotCodec.decode(bytes)).isEqualTo(world.image());
    }

    @Test
    void shouldWriteSnapshotWithDirectoryOfflineAsEver() throws IOException {
        laterCommands().forEach(world::apply);
        assertThat(world.image().broker(1).orElseThrow().liveness())
                .isEqualTo(new BrokerImage.Liveness(true, true, 2, true));
        byte[] bytes = SnapshotCodec.encode(world.image());
        var lines = List.of(HexFormat.of().formatHex(bytes).split("(?<=\\G.{120})"));
        assertThat(lines).isEqualTo(golden("snapshot-v1-later.txt", lines));
        assertThat(SnapshotCodec.decode(bytes)).isEqualTo(world.image());
    }

    @Test
    void shouldWriteUncleanElectionAsEver() throws IOException {
        var record = new MetadataRecord.UncleanElectionRecord(
                uuid("orders"), 1, 2, 7, List.of(new NodeReport(2, 9, new ReplicaReport(4, 900, 950))));
        assertThat(record.knownLostRecords()).isEqualTo(50);
        var encoded = RecordCodec.encode(record);
        var lines = List.of(HexFormat.of().formatHex(encoded.toByteArray()));
        assertThat(lines).isEqualTo(golden("unclean-election-v1.txt", lines));
        assertThat(RecordCodec.decode(encoded)).isEqualTo(record);
    }

    private static List<String> golden(String name, List<String> now) throws IOException {
        if (Boolean.getBoolean("update-golden")) {
            Files.createDirectories(GOLDEN);
            Files.write(GOLDEN.resolve(name), now);
        }
        return Files.readAllLines(GOLDEN.resolve(name));
    }
}
