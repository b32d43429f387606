// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessStatTest {
    @Test
    void shouldSeeThisProcess() {
        ProcessStat self = ProcessStat.of(ProcessHandle.current().pid()).orElseThrow();

        assertThat(self.isZombie()).isFalse();
        assertThat(self.startTicks()).isPositive();
        assertThat(self.cpuSeconds()).isPositive();
    }

    @Test
    void shouldSeeNothingWhereThereIsNoProcess() {
        assertThat(ProcessStat.of(Integer.MAX_VALUE)).isEmpty();
    }
}
