// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.varve.cli.ProcessStat;

/**
 * A node that was started here, as remembered in {@code local.json}. Immutable.
 *
 * @param pid of the process; 0 when it was stopped
 * @param startTicks when that process began, as the kernel counts: tells it from a later one with the same pid
 */
record LocalNode(
        @JsonProperty("id") int id,
        @JsonProperty("portBase") int portBase,
        @JsonProperty("pid") long pid,
        @JsonProperty("startTicks") long startTicks) {

    static LocalNode stopped(int id, int portBase) {
        return new LocalNode(id, portBase, 0, 0);
    }

    LocalNode startedAs(ProcessStat process) {
        return new LocalNode(id, portBase, process.pid(), process.startTicks());
    }

    NodeAddresses addresses() {
        return new NodeAddresses(portBase);
    }

    boolean isAlive() {
        return pid > 0
                && ProcessStat.of(pid)
                        .filter(process -> process.startTicks() == startTicks && !process.isZombie())
                        .isPresent();
    }
}
