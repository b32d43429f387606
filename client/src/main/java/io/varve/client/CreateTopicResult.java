// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import java.util.Optional;

/**
 * What became of one topic to create. <i>Immutable.</i>
 *
 * @param topicId a UUID as Kafka prints it (22 characters of URL-safe base64); empty if it failed or was only checked
 * @param error why it failed
 */
public record CreateTopicResult(
        String name, String topicId, int partitions, int replicationFactor, Optional<VarveException> error) {}
