// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

/**
 * One link of an epoch chain: records from {@code startOffset} up to the next link's start were appended under {@code leaderEpoch}.
 *
 * <p><i>immutable</i>
 */
public record EpochEntry(int leaderEpoch, long startOffset) {}
