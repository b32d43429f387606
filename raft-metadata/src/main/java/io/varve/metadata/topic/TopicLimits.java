// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.topic;

/** How much of a thing there may be. */
public final class TopicLimits {

    /** Of one topic. */
    public static final int MAX_PARTITIONS = 10_000;

    private TopicLimits() {}
}
