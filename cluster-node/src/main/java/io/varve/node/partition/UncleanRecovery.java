// SPDX-License-Identifier: Apache-2.0
package io.varve.node.partition;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.ElectLeaders;
import io.varve.metadata.command.CommandBody.ElectionType;
import io.varve.metadata.command.CommandBody.PartitionToElect;
import io.varve.metadata.command.CommandBody.UncleanChoice;
import io.varve.metadata.image.CommandResult.PartitionResult;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.image.TopicImage;
import io.varve.storage.PartitionLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * P31 where it is trivial: nobody is known to hold every record of a partition, and this node is the only one that
 * ever could. Happens to topics with {@code durability=written} after a stop that was not clean. There is no better
 * replica to wait for, so it leads with what its recovery found, and the log says what may be lost. <i>Thread-safe.</i>
 */
public final class UncleanRecovery {

    private static final Logger LOG = LoggerFactory.getLogger(UncleanRecovery.class);

    private final BrokerRef self;
    private final Supplier<MetadataImage> image;
    private final PartitionTable table;
    private final Function<ElectLeaders, CompletableFuture<List<PartitionResult>>> elect;
    private final AtomicBoolean underWay = new AtomicBoolean();

    public UncleanRecovery(
            BrokerRef self,
            Supplier<MetadataImage> image,
            PartitionTable table,
            Function<ElectLeaders, CompletableFuture<List<PartitionResult>>> elect) {
        this.self = self;
        this.image = image;
        this.table = table;
        this.elect = elect;
    }

    /** Looks for such partitions, and asks the controller to elect this node. Does not block. */
    public void check() {
        MetadataImage now = image.get();
        if (!now.isEligible(self.nodeId()) || underWay.get()) {
            return;
        }
        List<PartitionToElect> hopeless = new ArrayList<>();
        for (TopicImage topic : now.topics().all()) {
            for (PartitionImage partition : topic.partitions()) {
                if (onlyHere(partition) && !isDamaged(now, topic, partition) && usable(topic, partition)) {
                    hopeless.add(new PartitionToElect(
                            topic.id(),
                            partition.partition(),
                            Optional.of(new UncleanChoice(self, partition.partitionEpoch()))));
                }
            }
        }
        if (!hopeless.isEmpty() && underWay.compareAndSet(false, true)) {
            var unused = elect.apply(new ElectLeaders(ElectionType.UNCLEAN, hopeless))
                    .whenComplete((results, failure) -> {
                        underWay.set(false);
                        if (failure != null) {
                            LOG.warn(
                                    "{} partitions without a leader: asking for this node failed",
                                    hopeless.size(),
                                    failure);
                        }
                    });
        }
    }

    /** Found after the log was opened: its log may say nothing of it (P34). */
    private boolean isDamaged(MetadataImage now, TopicImage topic, PartitionImage partition) {
        return now.broker(self.nodeId())
                .map(b -> b.isDamaged(new ReplicaId(topic.id(), partition.partition())))
                .orElse(false);
    }

    private boolean onlyHere(PartitionImage partition) {
        return !partition.hasLeader()
                && partition.isr().isEmpty()
                && partition.elr().isEmpty()
                && partition.lastKnownElr().equals(List.of(self.nodeId()));
    }

    private boolean usable(TopicImage topic, PartitionImage partition) {
        Optional<HostedPartition> hosted = table.find(topic.id(), partition.partition());
        if (hosted.isEmpty() || hosted.get().log().damage().isPresent()) {
            return false;
        }
        PartitionLog log = hosted.get().log();
        long end = log.writtenEndOffset();
        long committed = log.highWatermarkCheckpoint();
        LOG.warn(
                "partition {} epoch {}: durability=written and the last stop was not clean, possible data loss: its log"
                        + " ends at {}, {}",
                hosted.get().partition().name(),
                partition.leaderEpoch(),
                end,
                committed > end
                        ? "but records up to %d were committed".formatted(committed)
                        : "nothing is known to be missing");
        return true;
    }
}
