// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void shouldAlignNumbersToTheRightAndLeaveNoSpacesAtLineEnds() {
        Table table = new Table("TOPIC", ">PARTITIONS", "STATUS");
        table.row("orders", 3, "ok");
        table.row("a", 12, "");

        assertThat(table.render()).isEqualTo("""
                TOPIC   PARTITIONS  STATUS
                orders           3  ok
                a               12
                """);
    }

    @Test
    void shouldRefuseARowThatDoesNotFit() {
        assertThatThrownBy(() -> new Table("A", "B").row("only one")).hasMessageContaining("1 cells for 2 columns");
    }
}
