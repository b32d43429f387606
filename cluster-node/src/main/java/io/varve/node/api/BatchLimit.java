// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.varve.metadata.NewTopicSpec;
import io.varve.metadata.topic.TopicConfigs;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import java.util.Map;
import java.util.Optional;

/** A topic may not allow batches that no node takes from the network. <i>Immutable.</i> */
record BatchLimit(int maxBatchBytes) {

    Optional<Error> problem(NewTopicSpec topic) {
        return problem(topic.name(), topic.configs());
    }

    /** @param configs to be set, by name */
    Optional<Error> problem(String topic, Map<String, String> configs) {
        String wanted = configs.get(TopicConfigs.MAX_MESSAGE_BYTES);
        if (wanted == null
                || TopicConfigs.problem(TopicConfigs.MAX_MESSAGE_BYTES, wanted).isPresent()
                || Long.parseLong(wanted) <= maxBatchBytes) {
            return Optional.empty(); // what is no number is told by those who know all configs
        }
        return Optional.of(ErrorReasons.error(
                ErrorReason.ERROR_REASON_INVALID_CONFIG,
                "topic %s: %s = %s is more than this node takes, %d"
                        .formatted(topic, TopicConfigs.MAX_MESSAGE_BYTES, wanted, maxBatchBytes),
                "set max.batch.bytes of the nodes first",
                Outcome.OUTCOME_NOT_APPLIED,
                Map.of("topic", topic, "limit", Integer.toString(maxBatchBytes))));
    }
}
