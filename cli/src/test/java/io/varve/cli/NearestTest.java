// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {
    private static final List<String> WORDS = List.of("create", "delete", "describe", "list", "ls");

    @Test
    void shouldFindTheWordWithTheFewestEdits() {
        assertThat(Nearest.of("crate", WORDS)).contains("create");
        assertThat(Nearest.of("descirbe", WORDS)).contains("describe");
        assertThat(Nearest.of("lsit", WORDS)).contains("list");
    }

    @Test
    void shouldFindTheWordThatGoesOnAsTheOneTyped() {
        assertThat(Nearest.of("desc", WORDS)).contains("describe");
    }

    @Test
    void shouldFindNothingForAWordThatIsFarFromAll() {
        assertThat(Nearest.of("frobnicate", WORDS)).isEmpty();
    }

    @Test
    void shouldCountASwapOfNeighboursAsOneEdit() {
        assertThat(Nearest.edits("prodcue", "produce")).isEqualTo(1);
        assertThat(Nearest.edits("", "abc")).isEqualTo(3);
        assertThat(Nearest.edits("same", "same")).isZero();
    }
}
