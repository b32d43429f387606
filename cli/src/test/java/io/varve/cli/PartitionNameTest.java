// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.client.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionNameTest {
    @Test
    void shouldTellATopicFromAPartition() {
        assertThat(PartitionName.parse("orders:12").single()).isEqualTo(TopicPartition.of("orders", 12));
        assertThat(PartitionName.parse("orders").partition()).isEmpty();
        assertThat(PartitionName.parse("orders")).hasToString("orders");
        assertThat(PartitionName.parse("orders:1")).hasToString("orders:1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"orders:", ":1", "orders:x", "orders:-1", "orders:12345678901"})
    void shouldRefuseWhatIsNoPartition(String text) {
        assertThatThrownBy(() -> PartitionName.parse(text))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("'" + text + "' is not a partition");
    }

    @Test
    void shouldSayThatAPartitionIsNeeded() {
        assertThatThrownBy(() -> PartitionName.parse("orders").single()).hasMessageContaining("a partition is needed");
    }
}
