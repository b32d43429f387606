// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

/**
 * Everything that is bounded stays within its bound.
 */
final class Bounds extends Invariant {
    Bounds(Evidence evidence) {
        super("I26", evidence);
    }

    @Override
    void full(long round) {
        evidence.cluster.bounds((node, what, value, limit) -> {
            if (value > limit) {
                fail(null, "node " + node + ": " + what + " is " + value + ", the limit is " + limit);
            }
        });
    }
}
