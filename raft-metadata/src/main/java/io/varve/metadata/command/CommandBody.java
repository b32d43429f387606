// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.command;

import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.Endpoint;
import io.varve.metadata.image.FeatureRange;
import io.varve.metadata.image.NodeReport;
import io.varve.metadata.image.ReplicaId;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/** What is to be changed. *Immutable.* The meaning of each is with its handler in the machine. */
public sealed interface CommandBody {

    /** The node that leads the quorum is now the active controller, in the term of the entry. */
    record ActivateController(int nodeId, UUID incarnation) implements CommandBody {}

    /**
     * A node has started and recovered all its logs.
     *
     * @param previousBrokerEpoch the epoch that it stored last, 0 for none
     * @param clean whether it can prove that everything it had written, flushed or not, is still there
     * @param damaged replicas that its recovery found damaged
     */
    record RegisterBroker(
            int nodeId,
            BrokerImage.Identity identity,
            List<Endpoint> endpoints,
            String rack,
            FeatureRange features,
            long previousBrokerEpoch,
            boolean clean,
            List<ReplicaId> damaged)
            implements CommandBody {
        public RegisterBroker {
            endpoints = List.copyOf(endpoints);
            damaged = damaged.stream().sorted().distinct().toList();
        }
    }

    /** These nodes no longer answer. Those registered again since are left alone. */
    record FenceBrokers(List<BrokerRef> brokers, String reason) implements CommandBody {
        public FenceBrokers {
            brokers = List.copyOf(brokers);
        }
    }

    /** A node is about to stop: others lead what it led, where there are any (P42). */
    record BeginShutdown(BrokerRef broker) implements CommandBody {}

    /** Nothing more may be written to a node's data directory (P36). It stays fenced until it registers again. */
    record TakeDirectoryOffline(BrokerRef broker, String reason) implements CommandBody {}

    /** Copies of a node were found damaged after it registered (P34): they count for nothing until it registers again. */
    record ReportDamage(BrokerRef broker, List<ReplicaId> replicas, String reason) implements CommandBody {
        public ReportDamage {
            replicas = replicas.stream().sorted().distinct().toList();
        }
    }

    /** Damaged copies of a node were set aside, and empty ones took their place (P34). */
    record ReportFreshStart(BrokerRef broker, List<ReplicaId> replicas) implements CommandBody {
        public ReportFreshStart {
            replicas = replicas.stream().sorted().distinct().toList();
        }
    }

    /** A node has applied the metadata up to its own registration. */
    record UnfenceBroker(BrokerRef broker) implements CommandBody {}

    record CreateTopics(List<TopicToCreate> topics) implements CommandBody {
        public CreateTopics {
            topics = List.copyOf(topics);
        }
    }

    /**
     * @param topicId drawn by the submitter; a topic of this id that is already there counts as created
     * @param replicationFactor 0 for the default, min(3, nodes)
     * @param internal whether this is the cluster's own topic, whose name may begin with {@code __}
     */
    record TopicToCreate(
            String name,
            UUID topicId,
            int partitions,
            int replicationFactor,
            SortedMap<String, String> configs,
            Placement placement,
            boolean internal) {
        public TopicToCreate {
            configs = Collections.unmodifiableSortedMap(new TreeMap<>(configs));
        }
    }

    /**
     * Which nodes get the replicas: given for each partition, or, if {@code assignments} is empty, drawn from the seed.
     */
    record Placement(long seed, List<List<Integer>> assignments) {
        public Placement {
            assignments = assignments.stream().map(List::copyOf).toList();
        }

        public static Placement seeded(long seed) {
            return new Placement(seed, List.of());
        }
    }

    record DeleteTopics(List<TopicToDelete> topics) implements CommandBody {
        public DeleteTopics {
            topics = List.copyOf(topics);
        }
    }

    /** @param name for the answer */
    record TopicToDelete(UUID topicId, String name) {}

    /** @param totalPartitions afterwards; partitions are only ever added */
    record CreatePartitions(UUID topicId, int totalPartitions, Placement placement) implements CommandBody {}

    /** A leader proposes new in-sync replicas for some of its partitions. */
    record AlterPartition(BrokerRef leader, List<PartitionToAlter> partitions) implements CommandBody {
        public AlterPartition {
            partitions = List.copyOf(partitions);
        }
    }

    /** @param newIsr with the epoch of each member as the leader knows it (P20) */
    record PartitionToAlter(UUID topicId, int partition, int leaderEpoch, int partitionEpoch, List<BrokerRef> newIsr) {
        public PartitionToAlter {
            newIsr = List.copyOf(newIsr);
        }
    }

    enum ElectionType {
        /** The first replica, if it is in sync. */
        PREFERRED,
        /** The candidate that the command names, where nobody is known to hold everything. Records may be lost. */
        UNCLEAN,
        /** The node that the command names, if it is in sync. */
        TRANSFER
    }

    record ElectLeaders(ElectionType type, List<PartitionToElect> partitions) implements CommandBody {
        public ElectLeaders {
            partitions = List.copyOf(partitions);
        }
    }

    /**
     * @param unclean whom, and as of which partition epoch; for unclean elections only
     * @param target whom; for transfers only
     */
    record PartitionToElect(UUID topicId, int partition, Optional<UncleanChoice> unclean, Optional<BrokerRef> target) {

        public PartitionToElect(UUID topicId, int partition, Optional<UncleanChoice> unclean) {
            this(topicId, partition, unclean, Optional.empty());
        }

        public static PartitionToElect transfer(UUID topicId, int partition, BrokerRef target) {
            return new PartitionToElect(topicId, partition, Optional.empty(), Optional.of(target));
        }
    }

    /** @param reports what the candidate was chosen by (P31); empty if a person chose it */
    record UncleanChoice(BrokerRef candidate, int partitionEpoch, List<NodeReport> reports) {
        public UncleanChoice {
            reports = List.copyOf(reports);
        }

        /** Chosen by a person. */
        public UncleanChoice(BrokerRef candidate, int partitionEpoch) {
            this(candidate, partitionEpoch, List.of());
        }
    }

    /**
     * A leader cannot go on: a write or flush failed after offsets were given out.
     *
     * @param reopened whether it has opened and recovered its log again, and could lead once more if nobody else can
     * @param recordsLost whether the log may have lost records that it had acknowledged
     */
    record ResignLeadership(
            BrokerRef leader,
            UUID topicId,
            int partition,
            int leaderEpoch,
            String reason,
            boolean reopened,
            boolean recordsLost)
            implements CommandBody {}

    /** @param changes by name; an empty value goes back to the default */
    record AlterConfigs(UUID topicId, SortedMap<String, Optional<String>> changes) implements CommandBody {
        public AlterConfigs {
            changes = Collections.unmodifiableSortedMap(new TreeMap<>(changes));
        }
    }

    /** A node needs producer ids to give out. */
    record AllocateProducerIds(BrokerRef broker) implements CommandBody {}

    /**
     * Changes nothing.
     *
     * @param imageCrc of the image at {@code imageIndex}, compared if that is the command before this one
     * @param imageIndex 0: do not compare
     */
    record NoOp(int imageCrc, long imageIndex) implements CommandBody {}
}
