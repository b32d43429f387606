// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.run;

/** Which world the seeds run in. */
final class Worlds {
    private Worlds() {}

    /** A whole cluster. */
    static SeedRun cluster() {
        return new io.varve.simulation.node.ClusterRun();
    }
}
