// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.topic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopicRulesTest {

    @Test
    void shouldAcceptOrdinaryNames() {
        for (var name : List.of("a", "orders", "A-b_c.9", "_x", "x".repeat(249))) {
            assertThat(TopicNames.problem(name, false)).as(name).isEmpty();
        }
        assertThat(TopicNames.problem("__groups", true)).isEmpty();
    }

    @Test
    void shouldRefuseNamesThatAreUnsafe() {
        for (var name : List.of(
                "",
                ".",
                "..",
                "../etc",
                "a/b",
                "a b",
                "a\u0000",
                "a\n",
                "\u0430",
                "\uD83D\uDE00",
                "__x",
                "x".repeat(250))) {
            assertThat(TopicNames.problem(name, false)).as(name).isPresent();
        }
        assertThat(TopicNames.problem("a\nb", false))
                .contains("topic name \"a?b\": character U+000A at position 1 is not one of A-Z a-z 0-9 . _ -");
        assertThat(TopicNames.problem("a/b", false))
                .contains("topic name \"a/b\": character '/' at position 1 is not one of A-Z a-z 0-9 . _ -");
    }

    @Test
    void shouldNameNearestConfigAndRange() {
        assertThat(TopicConfigs.problem("retention.mss", "1"))
                .contains("unknown topic config \"retention.mss\", the nearest is \"retention.ms\"");
        assertThat(TopicConfigs.problem("segment.bytes", "5"))
                .contains("segment.bytes = 5 is out of range: 1024 to 2147483647");
        assertThat(TopicConfigs.problem("segment.bytes", "big"))
                .contains("segment.bytes = \"big\" is not a whole number");
        assertThat(TopicConfigs.problem("durability", "yes"))
                .contains("durability = \"yes\" is not one of: flushed, written");
        assertThat(TopicConfigs.problems(Map.of("a", "1", "retention.ms", "-2")))
                .hasSize(2);
        assertThat(TopicConfigs.problem("retention.ms", "-1")).isEmpty();
    }

    @Test
    void shouldKnowTheWaysToCleanUp() {
        for (var policy : List.of("delete", "compact", "compact,delete", "delete,compact")) {
            assertThat(TopicConfigs.problem("cleanup.policy", policy)).isEmpty();
        }
        assertThat(TopicConfigs.problem("cleanup.policy", "compress")).isPresent();
        assertThat(TopicConfigs.problem("min.cleanable.dirty.ratio", "0.25")).isEmpty();
        assertThat(TopicConfigs.problem("min.cleanable.dirty.ratio", "1.5"))
                .contains("min.cleanable.dirty.ratio = 1.5 is out of range: 0 to 1");
        assertThat(TopicConfigs.problem("min.cleanable.dirty.ratio", "NaN")).isPresent();
        assertThat(TopicConfigs.problem("min.cleanable.dirty.ratio", "half"))
                .contains("min.cleanable.dirty.ratio = \"half\" is not a number");
    }

    @Test
    void shouldHaveDefaultsThatAreValid() {
        for (var key : TopicConfigs.all().values()) {
            assertThat(key.defaultValue().isEmpty() ? java.util.Optional.empty() : key.problem(key.defaultValue()))
                    .as(key.name())
                    .isEmpty();
        }
    }
}
