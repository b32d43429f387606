// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import static io.varve.metadata.machine.World.uuid;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.command.CommandBody.ActivateController;
import io.varve.metadata.command.CommandBody.NoOp;
import io.varve.metadata.command.CommandCodec;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.SnapshotCodec;
import io.varve.proto.metadata.v1.Command;
import io.varve.proto.v1.ErrorReason;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetadataMachineTest {

    private final MetadataMachine machine = new MetadataMachine();
    private final MetadataImage image = new World().nodes(1).image();

    @Test
    void shouldAnswerInternalErrorForPoisonAndOnlyMove() {
        byte[] poison = Command.newBuilder()
                .setFormat(1)
                .setTypeValue(2)
                .setVersion(1)
                .setPayload(com.google.protobuf.ByteString.copyFromUtf8("nonsense"))
                .build()
                .toByteArray();
        var applied = machine.apply(image, new ApplyContext(50, 2), poison);
        assertThat(applied.result().rejection().orElseThrow().reason())
                .isEqualTo(ErrorReason.ERROR_REASON_UNKNOWN_SERVER_ERROR);
        assertThat(applied.fatal()).isEmpty();
        assertThat(applied.image()).isEqualTo(image.at(50, 2));
    }

    @Test
    void shouldStopAtCommandOfNewerSoftware() {
        for (var newer : new Command[] {
            Command.newBuilder().setFormat(2).setTypeValue(1).setVersion(1).build(),
            Command.newBuilder().setFormat(1).setTypeValue(150).setVersion(1).build(),
            Command.newBuilder().setFormat(1).setTypeValue(1).setVersion(2).build()
        }) {
            var applied = machine.apply(image, new ApplyContext(50, 2), newer.toByteArray());
            assertThat(applied.fatal()).isPresent();
            assertThat(applied.image()).isSameAs(image);
        }
    }

    @Test
    void shouldStopWhenImageDiffersFromLeaders() {
        int crc = SnapshotCodec.crc(image);
        var same = MetadataCommand.unfenced(new NoOp(crc, image.index()));
        var other = MetadataCommand.unfenced(new NoOp(crc + 1, image.index()));
        var elsewhere = MetadataCommand.unfenced(new NoOp(crc + 1, image.index() - 1));
        var context = new ApplyContext(image.index() + 1, 2);
        assertThat(machine.apply(image, context, same).result()).isEqualTo(new CommandResult.Done());
        assertThat(machine.apply(image, context, elsewhere).result().rejection())
                .isPresent();
        assertThat(machine.apply(image, context, elsewhere).fatal()).isEmpty();
        assertThat(machine.apply(image, context, other).fatal()).isPresent();
    }

    @Test
    void shouldNotActivateControllerWithoutItsTerm() {
        var command = MetadataCommand.unfenced(new ActivateController(1, uuid("x")));
        assertThat(machine.apply(image, new ApplyContext(50, 2), command)
                        .result()
                        .rejection())
                .isPresent();
    }

    @Test
    void shouldFindEveryDamageOfSnapshot() throws Exception {
        var world = new World().nodes(1, 2);
        world.create("orders", 2, 2, Map.of("retention.ms", "5"));
        byte[] bytes = SnapshotCodec.encode(world.image());
        assertThat(SnapshotCodec.decode(bytes)).isEqualTo(world.image());
        for (int at = 0; at < bytes.length; at++) {
            byte[] damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assertRefused(damaged);
            assertRefused(java.util.Arrays.copyOf(bytes, at));
        }
    }

    private static void assertRefused(byte[] bytes) {
        org.assertj.core.api.Assertions.assertThatExceptionOfType(SnapshotCodec.SnapshotException.class)
                .isThrownBy(() -> SnapshotCodec.decode(bytes));
    }

    @Test
    void shouldRoundTripCommands() {
        for (int seed = 0; seed < 500; seed++) {
            var command = MetadataCommand.unfenced(new NoOp(seed, seed)).at(seed);
            assertThat(CommandCodec.decode(CommandCodec.encode(command)))
                    .isEqualTo(new CommandCodec.Decoded.Understood(command));
        }
    }
}
