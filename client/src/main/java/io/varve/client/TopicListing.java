// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

/**
 * A topic in a list. <i>Immutable.</i>
 *
 * @param topicId a UUID as Kafka prints it
 * @param durability {@code flushed} or {@code written}
 */
public record TopicListing(String name, String topicId, int partitions, int replicationFactor, String durability) {}
