// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import static io.varve.metadata.machine.World.uuid;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.Placement;
import io.varve.metadata.command.CommandCodec;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.Durability;
import io.varve.metadata.image.FeatureRange;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.image.RequestId;
import io.varve.metadata.image.SnapshotCodec;
import io.varve.proto.v1.ErrorReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What holds for every sequence of commands, from many seeds; a failure names its seed. */
class MachinePropertyTest {

    private static final int SEEDS = 150;
    private static final int COMMANDS = 200;

    private final MetadataMachine machine = new MetadataMachine();

    @Test
    void shouldKeepInvariantsAndEpochsUnderAnyCommands() {
        for (int seed = 0; seed < SEEDS; seed++) {
            var random = new Random(seed);
            var image = MetadataImage.EMPTY;
            int changes = 0;
            for (int i = 1; i <= COMMANDS; i++) {
                var command = command(random, image);
                var context = new ApplyContext(i, 1 + i / 100);
                var applied = machine.apply(image, context, command);
                assertThat(reason(applied)).as("seed %d, %s", seed, command).isNotEqualTo(internal());
                assertThat(applied.fatal()).as("seed %d", seed).isEmpty();
                assertThat(ImageInvariants.violation(applied.image()))
                        .as("seed %d", seed)
                        .isEmpty();
                assertThat(image.plus(applied.delta()))
                        .as("seed %d: delta", seed)
                        .isEqualTo(applied.image());
                shouldNotFallBack(seed, image, applied.image());
                shouldKeepElrByRule(seed, command.body(), image, applied.image());
                shouldNotTrustUncleanRestart(seed, command.body(), applied);
                changes += applied.delta().isEmpty() ? 0 : 1;
                image = applied.image();
            }
            assertThat(changes).as("seed %d is worth something", seed).isGreaterThan(COMMANDS / 10);
        }
    }

    @Test
    void shouldArriveAtSameBytesThroughSnapshotAtAnyPoint() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            var random = new Random(seed);
            var log = new ArrayList<byte[]>();
            var image = MetadataImage.EMPTY;
            for (int i = 1; i <= COMMANDS; i++) {
                var bytes = CommandCodec.encode(command(random, image));
                log.add(bytes);
                image = machine.apply(image, new ApplyContext(i, 1 + i / 100), bytes)
                        .image();
            }
            int cut = random.nextInt(COMMANDS);
            var replayed = MetadataImage.EMPTY;
            for (int i = 1; i <= COMMANDS; i++) {
                if (i == cut) {
                    replayed = SnapshotCodec.decode(SnapshotCodec.encode(replayed));
                }
                replayed = machine.apply(replayed, new ApplyContext(i, 1 + i / 100), log.get(i - 1))
                        .image();
            }
            assertThat(SnapshotCodec.encode(replayed)).as("seed %d", seed).isEqualTo(SnapshotCodec.encode(image));
            assertThat(replayed).as("seed %d", seed).isEqualTo(image);
        }
    }

    @Test
    void shouldDecodeWhatItEncoded() {
        for (int seed = 0; seed < SEEDS; seed++) {
            var random = new Random(seed);
            var image = MetadataImage.EMPTY;
            for (int i = 1; i <= COMMANDS; i++) {
                var command = command(random, image);
                assertThat(CommandCodec.decode(CommandCodec.encode(command)))
                        .as("seed %d", seed)
                        .isEqualTo(new CommandCodec.Decoded.Understood(command));
                image = machine.apply(image, new ApplyContext(i, 1), command).image();
            }
        }
    }

    @Test
    void shouldNeverThrowForRandomBytes() {
        for (int seed = 0; seed < 3_000; seed++) {
            var random = new Random(seed);
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            shouldSurvive(seed, bytes);
        }
    }

    @Test
    void shouldNeverThrowForDamagedCommands() {
        var image = MetadataImage.EMPTY;
        for (int seed = 0; seed < 3_000; seed++) {
            var random = new Random(seed);
            byte[] bytes = CommandCodec.encode(command(random, image));
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            shouldSurvive(seed, bytes);
        }
    }

    private void shouldSurvive(int seed, byte[] bytes) {
        var before = new World().nodes(1, 2, 3).image();
        var applied = machine.apply(before, new ApplyContext(100, 7), bytes);
        assertThat(ImageInvariants.violation(applied.image()))
                .as("seed %d", seed)
                .isEmpty();
        if (applied.fatal().isPresent()) {
            assertThat(applied.image()).isSameAs(before);
        } else {
            assertThat(applied.image().index()).isEqualTo(100);
        }
    }

    private static Optional<ErrorReason> reason(Applied applied) {
        return applied.result().rejection().map(e -> e.reason());
    }

    private static Optional<ErrorReason> internal() {
        return Optional.of(ErrorReason.ERROR_REASON_UNKNOWN_SERVER_ERROR);
    }

    /** I24: until an expansion under its new epoch, a node that may have lost records is outside isr and elr. */
    private static void shouldNotTrustUncleanRestart(int seed, CommandBody body, Applied applied) {
        if (!(body instanceof CommandBody.RegisterBroker r)
                || applied.result().rejection().isPresent()
                || applied.delta().isEmpty()) {
            return;
        }
        for (var t : applied.image().topics().all()) {
            for (var p : t.partitions()) {
                assertThat(p.isr()).as("seed %d", seed).doesNotContain(r.nodeId());
                boolean lost = r.damaged().contains(new ReplicaId(t.id(), p.partition()))
                        || (!r.clean() && t.durability() == Durability.WRITTEN);
                if (lost) {
                    assertThat(p.elr()).as("seed %d", seed).doesNotContain(r.nodeId());
                }
            }
        }
    }

    private static void shouldNotFallBack(int seed, MetadataImage before, MetadataImage after) {
        assertThat(after.nextProducerId()).isGreaterThanOrEqualTo(before.nextProducerId());
        for (var b : before.brokers().values()) {
            assertThat(after.broker(b.id()).orElseThrow().epoch()).isGreaterThanOrEqualTo(b.epoch());
        }
        for (var t : before.topics().all()) {
            for (var was : t.partitions()) {
                var now = after.partition(t.id(), was.partition());
                if (now.isPresent() && !now.get().equals(was)) {
                    assertThat(now.get().partitionEpoch()).as("seed %d", seed).isGreaterThan(was.partitionEpoch());
                    assertThat(now.get().leaderEpoch()).as("seed %d", seed).isGreaterThanOrEqualTo(was.leaderEpoch());
                    if (now.get().leader() != was.leader()) {
                        assertThat(now.get().leaderEpoch()).as("seed %d", seed).isGreaterThan(was.leaderEpoch());
                    }
                }
            }
        }
    }

    /** P24: whoever leaves the isr below the minimum is remembered, until something says that it may have lost records. */
    private static void shouldKeepElrByRule(int seed, CommandBody body, MetadataImage before, MetadataImage after) {
        boolean distrusts = body instanceof CommandBody.RegisterBroker
                || body instanceof CommandBody.TakeDirectoryOffline
                || body instanceof CommandBody.ResignLeadership
                || body instanceof CommandBody.AlterConfigs
                || (body instanceof CommandBody.ElectLeaders e && e.type() == CommandBody.ElectionType.UNCLEAN);
        for (var t : before.topics().all()) {
            for (var was : t.partitions()) {
                var now = after.partition(t.id(), was.partition());
                if (now.isEmpty()
                        || distrusts
                        || now.get().isr().size() >= now.get().effectiveMinIsr()) {
                    continue;
                }
                var complete = new TreeSet<>(was.isr());
                complete.addAll(was.elr());
                var remembered = new TreeSet<>(now.get().isr());
                remembered.addAll(now.get().elr());
                assertThat(remembered)
                        .as("seed %d, %s: %s to %s", seed, body, was, now)
                        .containsAll(complete);
            }
        }
    }

    private static MetadataCommand command(Random random, MetadataImage image) {
        var command = MetadataCommand.unfenced(body(random, image));
        return random.nextInt(4) == 0
                ? command.once(new RequestId(uuid("c" + random.nextInt(2)), 1 + random.nextInt(50)))
                : command;
    }

    private static CommandBody body(Random random, MetadataImage image) {
        int node = 1 + random.nextInt(4);
        var topic = uuid("t" + random.nextInt(5));
        int partition = random.nextInt(3);
        return switch (random.nextInt(16)) {
            case 0, 1 -> registration(random, image, node);
            case 2 -> new CommandBody.FenceBrokers(List.of(ref(random, image, node)), "");
            case 3, 4, 5 -> new CommandBody.UnfenceBroker(ref(random, image, node));
            case 6 -> createTopic(random);
            case 7 ->
                random.nextInt(4) == 0
                        ? new CommandBody.DeleteTopics(List.of(new CommandBody.TopicToDelete(topic, "t")))
                        : new CommandBody.CreatePartitions(
                                topic, random.nextInt(5), Placement.seeded(random.nextLong()));
            case 8 ->
                new CommandBody.AlterConfigs(
                        topic,
                        new TreeMap<>(java.util.Map.of(
                                "min.insync.replicas", Optional.of(Integer.toString(random.nextInt(4))))));
            case 9, 10 -> alterPartition(random, image, topic, partition);
            case 11 -> elect(random, image, topic, partition);
            case 12 -> resign(random, image, topic, partition);
            case 13 -> new CommandBody.BeginShutdown(ref(random, image, node));
            case 14 -> new CommandBody.TakeDirectoryOffline(ref(random, image, node), "EIO");
            default -> new CommandBody.AllocateProducerIds(ref(random, image, node));
        };
    }

    private static BrokerRef ref(Random random, MetadataImage image, int node) {
        long epoch = image.broker(node).map(BrokerImage::epoch).orElse(0L);
        return new BrokerRef(node, random.nextInt(10) == 0 ? epoch - 1 : epoch);
    }

    private static CommandBody registration(Random random, MetadataImage image, int node) {
        var damaged = random.nextInt(5) == 0
                ? List.of(new ReplicaId(uuid("t" + random.nextInt(5)), random.nextInt(3)))
                : List.<ReplicaId>of();
        var directory = random.nextInt(8) == 0 ? "other" : "dir";
        return new CommandBody.RegisterBroker(
                node,
                new BrokerImage.Identity(uuid(directory + node), uuid("i" + random.nextInt())),
                List.of(),
                "rack" + node % 2,
                FeatureRange.SUPPORTED,
                ref(random, image, node).brokerEpoch(),
                random.nextBoolean(),
                damaged);
    }

    private static CommandBody createTopic(Random random) {
        var name = "t" + random.nextInt(5);
        var configs = new TreeMap<String, String>();
        if (random.nextBoolean()) {
            configs.put("durability", random.nextBoolean() ? "written" : "flushed");
        }
        return new CommandBody.CreateTopics(List.of(new CommandBody.TopicToCreate(
                name,
                uuid(name),
                random.nextInt(4),
                random.nextInt(4),
                configs,
                Placement.seeded(random.nextLong()),
                false)));
    }

    private static CommandBody alterPartition(Random random, MetadataImage image, java.util.UUID topic, int partition) {
        var p = image.partition(topic, partition);
        var isr = new ArrayList<BrokerRef>();
        for (int node = 1; node <= 4; node++) {
            boolean replica = p.isPresent() && p.get().replicas().contains(node);
            boolean leads = p.isPresent() && p.get().leader() == node;
            if ((replica && random.nextBoolean()) || leads || random.nextInt(20) == 0) {
                isr.add(ref(random, image, node));
            }
        }
        int leader = p.map(q -> q.leader()).filter(n -> n != 0).orElse(1);
        return new CommandBody.AlterPartition(
                ref(random, image, leader),
                List.of(new CommandBody.PartitionToAlter(
                        topic,
                        partition,
                        p.map(q -> q.leaderEpoch()).orElse(1),
                        p.map(q -> q.partitionEpoch()).orElse(0),
                        isr)));
    }

    private static CommandBody elect(Random random, MetadataImage image, java.util.UUID topic, int partition) {
        if (random.nextInt(3) == 0) {
            return new CommandBody.ElectLeaders(
                    CommandBody.ElectionType.TRANSFER,
                    List.of(CommandBody.PartitionToElect.transfer(
                            topic, partition, ref(random, image, 1 + random.nextInt(4)))));
        }
        var choice = image.partition(topic, partition)
                .map(p -> new CommandBody.UncleanChoice(
                        ref(random, image, p.replicas().get(0)), p.partitionEpoch()));
        var type = random.nextBoolean() ? CommandBody.ElectionType.PREFERRED : CommandBody.ElectionType.UNCLEAN;
        return new CommandBody.ElectLeaders(type, List.of(new CommandBody.PartitionToElect(topic, partition, choice)));
    }

    private static CommandBody resign(Random random, MetadataImage image, java.util.UUID topic, int partition) {
        var p = image.partition(topic, partition);
        int node = p.map(q -> q.hasLeader() ? q.leader() : q.replicas().get(0)).orElse(1);
        return new CommandBody.ResignLeadership(
                ref(random, image, node),
                topic,
                partition,
                p.map(q -> q.leaderEpoch()).orElse(1),
                "",
                random.nextBoolean(),
                random.nextInt(3) == 0);
    }
}
