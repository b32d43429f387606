// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

import io.varve.metadata.image.MetadataRecord.BrokerRecord;
import io.varve.metadata.image.MetadataRecord.ControllerRecord;
import io.varve.metadata.image.MetadataRecord.FeatureRecord;
import io.varve.metadata.image.MetadataRecord.PartitionRecord;
import io.varve.metadata.image.MetadataRecord.ProducerIdsRecord;
import io.varve.metadata.image.MetadataRecord.RequestRecord;
import io.varve.metadata.image.MetadataRecord.TopicRecord;
import io.varve.metadata.image.MetadataRecord.TopicRemovedRecord;
import io.varve.metadata.image.MetadataRecord.UncleanElectionRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * Everything the cluster has agreed on, as of one index of the metadata log. *Immutable*; successive images share
 * what did not change. Every collection has one order on every node, so that equal images have equal bytes.
 *
 * @param index of the last command applied, 0 for none
 * @param term of that command
 * @param brokers by id
 * @param nextProducerId the first producer id that nobody has been given
 */
public record MetadataImage(
        long index,
        long term,
        int featureLevel,
        ControllerImage controller,
        PSortedMap<Integer, BrokerImage> brokers,
        TopicsImage topics,
        long nextProducerId,
        RequestsImage requests) {

    /** Before the first command. */
    public static final MetadataImage EMPTY = new MetadataImage(
            0, 0, 1, ControllerImage.NONE, TreePMap.empty(), TopicsImage.EMPTY, 0, RequestsImage.EMPTY);

    public Optional<BrokerImage> broker(int id) {
        return Optional.ofNullable(brokers.get(id));
    }

    public Optional<TopicImage> topic(UUID id) {
        return topics.find(id);
    }

    public Optional<TopicImage> topic(String name) {
        return topics.find(name);
    }

    public Optional<PartitionImage> partition(UUID topicId, int partition) {
        return topics.find(topicId, partition);
    }

    /** Whether this node is registered, unfenced and not on its way out. */
    public boolean isEligible(int brokerId) {
        return broker(brokerId).map(BrokerImage::eligible).orElse(false);
    }

    /** This image with another position: a command that changed nothing still moves it. */
    public MetadataImage at(long nextIndex, long nextTerm) {
        return new MetadataImage(
                nextIndex, nextTerm, featureLevel, controller, brokers, topics, nextProducerId, requests);
    }

    /**
     * The image after a delta.
     *
     * @throws IllegalArgumentException if the delta does not follow this image; the caller must start again from a
     *     whole image
     */
    public MetadataImage plus(MetadataDelta delta) {
        if (delta.prevIndex() != index) {
            throw new IllegalArgumentException(
                    "delta " + delta.index() + " follows index " + delta.prevIndex() + ", the image is at " + index);
        }
        var image = this;
        for (var r : delta.records()) {
            image = image.plus(r);
        }
        return image.at(delta.index(), delta.term());
    }

    /** The image with one fact added or replaced, at the same position. */
    public MetadataImage plus(MetadataRecord r) {
        if (r instanceof PartitionRecord p) {
            var topic = topics.find(p.topicId())
                    .orElseThrow(() -> new IllegalArgumentException("partition of unknown topic " + p.topicId()));
            return with(topics.plus(topic.plus(p.partition())));
        } else if (r instanceof TopicRecord t) {
            var topic =
                    topics.find(t.id()).orElseGet(() -> TopicImage.of(t.id(), t.name(), t.configs(), t.durability()));
            return with(topics.plus(topic.describedBy(t)));
        } else if (r instanceof TopicRemovedRecord t) {
            return with(topics.minus(t.id()));
        } else if (r instanceof BrokerRecord b) {
            return new MetadataImage(
                    index,
                    term,
                    featureLevel,
                    controller,
                    brokers.plus(b.broker().id(), b.broker()),
                    topics,
                    nextProducerId,
                    requests);
        } else if (r instanceof ProducerIdsRecord p) {
            return new MetadataImage(
                    index, term, featureLevel, controller, brokers, topics, p.nextProducerId(), requests);
        } else if (r instanceof RequestRecord q) {
            var next = requests.plus(q.index(), q.id(), q.answer());
            return new MetadataImage(index, term, featureLevel, controller, brokers, topics, nextProducerId, next);
        } else if (r instanceof ControllerRecord c) {
            return new MetadataImage(
                    index, term, featureLevel, c.controller(), brokers, topics, nextProducerId, requests);
        } else if (r instanceof UncleanElectionRecord) {
            return this;
        } else if (r instanceof FeatureRecord f) {
            return new MetadataImage(index, term, f.level(), controller, brokers, topics, nextProducerId, requests);
        }
        throw new IllegalStateException("unknown record " + r);
    }

    /** All facts, in the order in which they rebuild this image from {@link #EMPTY}. */
    public List<MetadataRecord> records() {
        var records = new ArrayList<MetadataRecord>();
        records.add(new FeatureRecord(featureLevel));
        records.add(new ControllerRecord(controller));
        brokers.values().forEach(b -> records.add(new BrokerRecord(b)));
        for (var topic : topics.all()) {
            records.add(new TopicRecord(topic.id(), topic.name(), topic.configs(), topic.durability()));
            topic.partitions().forEach(p -> records.add(new PartitionRecord(topic.id(), p)));
        }
        records.add(new ProducerIdsRecord(nextProducerId));
        for (var e : requests.byIndex().entrySet()) {
            var answer = requests.answer(e.getValue()).orElseThrow();
            records.add(new RequestRecord(e.getValue(), e.getKey(), answer));
        }
        return records;
    }

    private MetadataImage with(TopicsImage nextTopics) {
        return new MetadataImage(index, term, featureLevel, controller, brokers, nextTopics, nextProducerId, requests);
    }
}
