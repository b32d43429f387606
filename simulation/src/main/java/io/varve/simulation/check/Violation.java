// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.storage.LogId;
import org.jspecify.annotations.Nullable;

/**
 * Something that must not be. <i>Immutable.</i>
 *
 * @param invariant its name, {@code I3} for example
 * @param partition null if it is about no single one
 * @param text names the things and both numbers
 */
public record Violation(String invariant, @Nullable LogId partition, String text) {
    @Override
    public String toString() {
        return invariant + (partition == null ? "" : " " + partition) + ": " + text;
    }
}
