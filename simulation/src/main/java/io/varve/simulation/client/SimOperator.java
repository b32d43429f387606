// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.client;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.AlterConfigs;
import io.varve.metadata.command.CommandBody.CreatePartitions;
import io.varve.metadata.command.CommandBody.CreateTopics;
import io.varve.metadata.command.CommandBody.DeleteTopics;
import io.varve.metadata.command.CommandBody.ElectLeaders;
import io.varve.metadata.command.CommandBody.ElectionType;
import io.varve.metadata.command.CommandBody.PartitionToElect;
import io.varve.metadata.command.CommandBody.Placement;
import io.varve.metadata.command.CommandBody.TopicToCreate;
import io.varve.metadata.command.CommandBody.TopicToDelete;
import io.varve.metadata.command.CommandBody.UncleanChoice;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.Durability;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.TopicImage;
import io.varve.simulation.client.OperatorView.Standing;
import io.varve.storage.LogId;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An administrator: makes, deletes and widens topics, changes their minimum, moves leaders, and decides where nobody is
 * known to hold everything. Each wish is asked of one node after the other until one answers for the controller; an
 * answer that never comes leaves it open whether the wish was granted. <i>Confined to its machine.</i>
 */
public final class SimOperator {
    private static final long CALL_TIMEOUT_NANOS = 2_000_000_000;
    private static final long RETRY_NANOS = 100_000_000;
    private static final long LOOK_NANOS = 500_000_000;
    private static final int ATTEMPTS = 12;

    private final ClientHost host;
    private final List<Integer> nodes;
    private final OperatorView view;
    private final NodeCalls calls;
    private boolean recovering;
    private long done;
    private boolean manualRecovery;

    public SimOperator(ClientHost host, List<Integer> nodes, OperatorView view) {
        this.host = host;
        this.nodes = List.copyOf(nodes);
        this.view = view;
        this.calls = new NodeCalls(host);
    }

    /** From now on topics are made so that only an administrator decides about lost records (P31). */
    public void recoverManually() {
        manualRecovery = true;
    }

    /** Wishes that were granted. */
    public long done() {
        return done;
    }

    // ---- single wishes

    /** @param minIsr as configured, 0 for the default */
    public void createTopic(String name, int partitions, int replicas, int minIsr, Durability durability) {
        SortedMap<String, String> configs = new TreeMap<>();
        configs.put("durability", durability.word());
        if (manualRecovery) {
            configs.put("unclean.recovery", "manual");
        }
        if (minIsr > 0) {
            configs.put("min.insync.replicas", Integer.toString(minIsr));
        }
        TopicToCreate topic =
                new TopicToCreate(name, randomId(), partitions, replicas, configs, Placement.seeded(random()), false);
        wish(new CreateTopics(List.of(topic)));
    }

    public void deleteTopic(TopicImage topic) {
        wish(new DeleteTopics(List.of(new TopicToDelete(topic.id(), topic.name()))));
    }

    /** Deletes a topic and makes another one of that name. */
    public void recreateTopic(TopicImage topic) {
        PartitionImage first = topic.partitions().get(0);
        ask(new DeleteTopics(List.of(new TopicToDelete(topic.id(), topic.name()))), ATTEMPTS, () -> {
            done++;
            createTopic(
                    topic.name(),
                    topic.partitions().size(),
                    topic.replicationFactor(),
                    first.minIsr(),
                    topic.durability());
        });
    }

    public void addPartitions(TopicImage topic, int total) {
        wish(new CreatePartitions(topic.id(), total, Placement.seeded(random())));
    }

    public void changeMinIsr(TopicImage topic, int minIsr) {
        SortedMap<String, Optional<String>> changes = new TreeMap<>();
        changes.put("min.insync.replicas", Optional.of(Integer.toString(minIsr)));
        wish(new AlterConfigs(topic.id(), changes));
    }

    public void electPreferred(LogId id) {
        PartitionToElect partition = new PartitionToElect(id.topicId(), id.partition(), Optional.empty());
        wish(new ElectLeaders(ElectionType.PREFERRED, List.of(partition)));
    }

    /** Moves a leadership to another member of the isr. */
    public void transfer(LogId id, int to) {
        Optional<BrokerImage> target = view.committed().broker(to);
        if (target.isPresent()) {
            BrokerRef ref = new BrokerRef(to, target.get().epoch());
            wish(new ElectLeaders(
                    ElectionType.TRANSFER, List.of(PartitionToElect.transfer(id.topicId(), id.partition(), ref))));
        }
    }

    /**
     * Where nobody is known to hold everything: the replica whose log goes furthest, once all that held everything last
     * can be asked. Does nothing otherwise.
     */
    public void recover(LogId id) {
        MetadataImage image = view.committed();
        Optional<PartitionImage> found = image.partition(id.topicId(), id.partition());
        if (found.isEmpty() || !isLost(found.get())) {
            return;
        }
        PartitionImage partition = found.get();
        int best = 0;
        Standing furthest = null;
        for (int node : partition.replicas()) {
            Standing standing = image.isEligible(node) ? view.standing(node, id) : null;
            if (standing == null && partition.lastKnownElr().contains(node)) {
                return;
            }
            if (standing != null && (furthest == null || standing.compareTo(furthest) > 0)) {
                best = node;
                furthest = standing;
            }
        }
        Optional<BrokerImage> chosen = image.broker(best);
        if (chosen.isPresent()) {
            UncleanChoice choice =
                    new UncleanChoice(new BrokerRef(best, chosen.get().epoch()), partition.partitionEpoch());
            wish(new ElectLeaders(
                    ElectionType.UNCLEAN,
                    List.of(new PartitionToElect(id.topicId(), id.partition(), Optional.of(choice)))));
        }
    }

    private static boolean isLost(PartitionImage partition) {
        return !partition.hasLeader()
                && partition.isr().isEmpty()
                && partition.elr().isEmpty();
    }

    // ---- by itself

    /** Begins to look every half second for partitions that only an administrator can bring back, for ever. */
    public void startRecovering() {
        if (!recovering) {
            recovering = true;
            look();
        }
    }

    private void look() {
        for (TopicImage topic : view.committed().topics().all()) {
            for (PartitionImage p : topic.partitions()) {
                if (isLost(p)) {
                    recover(new LogId(topic.id(), p.partition()));
                }
            }
        }
        host.after(LOOK_NANOS, this::look);
    }

    // ---- asking

    private void wish(CommandBody body) {
        ask(body, ATTEMPTS, () -> done++);
    }

    private void ask(CommandBody body, int attempts, Runnable then) {
        int node = nodes.get(host.chance(nodes.size()));
        calls.call(node, new ClientRequest.Administer(body), CALL_TIMEOUT_NANOS, answer -> {
            if (answer instanceof ClientAnswer.Administered administered) {
                if (administered.result().rejection().isEmpty()) {
                    then.run();
                }
            } else if (attempts > 1 && mayRepeat(answer)) {
                host.after(RETRY_NANOS, () -> ask(body, attempts - 1, then));
            }
        });
    }

    /** Every command may be repeated: it carries what tells a repetition from a new wish, or changes nothing twice. */
    private static boolean mayRepeat(@Nullable ClientAnswer answer) {
        return answer == null
                || (answer instanceof ClientAnswer.Refused refused
                        && refused.error().retriable());
    }

    private UUID randomId() {
        return new UUID(random(), random());
    }

    private long random() {
        return ((long) host.chance(Integer.MAX_VALUE) << 31) ^ host.chance(Integer.MAX_VALUE);
    }
}
