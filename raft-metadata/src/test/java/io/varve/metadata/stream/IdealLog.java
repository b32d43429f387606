// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.stream;

import static io.varve.metadata.machine.World.uuid;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.AllocateProducerIds;
import io.varve.metadata.command.CommandBody.CreateTopics;
import io.varve.metadata.command.CommandBody.DeleteTopics;
import io.varve.metadata.command.CommandBody.FenceBrokers;
import io.varve.metadata.command.CommandBody.Placement;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.command.CommandBody.TopicToCreate;
import io.varve.metadata.command.CommandBody.TopicToDelete;
import io.varve.metadata.command.CommandBody.UnfenceBroker;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.BrokerImage.Identity;
import io.varve.metadata.image.FeatureRange;
import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.machine.ApplyContext;
import io.varve.metadata.machine.MetadataMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/** What the quorum has agreed on, with every image on the way: what voters and followers are compared with. */
final class IdealLog {

    private static final int NODES = 4;

    private final MetadataMachine machine = new MetadataMachine();
    private final List<MetadataDelta> deltas = new ArrayList<>();
    private final TreeMap<Long, MetadataImage> images = new TreeMap<>();
    private long term = 1;
    private int topics;

    IdealLog() {
        images.put(0L, MetadataImage.EMPTY);
    }

    int size() {
        return deltas.size();
    }

    MetadataImage newest() {
        return images.lastEntry().getValue();
    }

    MetadataDelta delta(int position) {
        return deltas.get(position);
    }

    /** The image after so many commands. */
    MetadataImage imageAfter(int commands) {
        return commands == 0
                ? MetadataImage.EMPTY
                : image(deltas.get(commands - 1).index());
    }

    MetadataImage image(long index) {
        var image = images.get(index);
        if (image == null) {
            throw new AssertionError("no command is at index " + index);
        }
        return image;
    }

    /** One more command, perhaps after entries that are none, perhaps in a new term. */
    void append(Random random) {
        var before = newest();
        term += random.nextInt(20) == 0 ? 1 : 0;
        long index = before.index() + 1 + (random.nextInt(5) == 0 ? random.nextInt(3) : 0);
        var applied = machine.apply(
                before, new ApplyContext(index, term), MetadataCommand.unfenced(command(random, before, index)));
        deltas.add(applied.delta());
        images.put(index, applied.image());
    }

    private CommandBody command(Random random, MetadataImage image, long index) {
        int node = 1 + random.nextInt(NODES);
        var ref = new BrokerRef(node, image.broker(node).map(b -> b.epoch()).orElse(0L));
        return switch (random.nextInt(7)) {
            case 0 ->
                new RegisterBroker(
                        node,
                        new Identity(uuid("dir" + node), uuid("process" + index)),
                        List.of(),
                        "",
                        FeatureRange.SUPPORTED,
                        ref.brokerEpoch(),
                        random.nextBoolean(),
                        List.of());
            case 1, 2 -> new UnfenceBroker(ref);
            case 3 -> new FenceBrokers(List.of(ref), "silent");
            case 4 -> new AllocateProducerIds(ref);
            case 5 -> {
                var name = "t" + topics++;
                yield new CreateTopics(List.of(new TopicToCreate(
                        name, uuid(name), 1 + random.nextInt(4), 1, new TreeMap<>(), Placement.seeded(index), false)));
            }
            default -> {
                var name = "t" + random.nextInt(topics + 1);
                yield new DeleteTopics(List.of(new TopicToDelete(uuid(name), name)));
            }
        };
    }
}
