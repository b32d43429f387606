// SPDX-License-Identifier: Apache-2.0
package io.varve.node.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.metadata.image.CommandResult.ProducerIds;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ProducerIdBlocksTest {

    private final List<CompletableFuture<ProducerIds>> asked = new ArrayList<>();
    private final ProducerIdBlocks blocks = new ProducerIdBlocks(() -> {
        asked.add(new CompletableFuture<>());
        return asked.get(asked.size() - 1);
    });

    @Test
    void shouldGiveOutEachIdOnceAndAskForABlockOnlyWhenTheLastIsUsedUp() {
        var first = blocks.next();
        var second = blocks.next();
        var third = blocks.next();
        assertThat(asked).hasSize(1);

        asked.get(0).complete(new ProducerIds(1000, 2));
        assertThat(List.of(first.join(), second.join())).containsExactly(1000L, 1001L);
        assertThat(third).isNotDone();

        asked.get(1).complete(new ProducerIds(5000, 2));
        assertThat(third.join()).isEqualTo(5000L);
        assertThat(blocks.next().join()).isEqualTo(5001L);
        assertThat(asked).hasSize(2);
    }

    @Test
    void shouldFailThoseWhoWaitAndAskAgainForTheNext() {
        var failed = blocks.next();
        asked.get(0).completeExceptionally(new IllegalStateException("no controller"));
        assertThatThrownBy(failed::join).hasRootCauseMessage("no controller");

        var next = blocks.next();
        asked.get(1).complete(new ProducerIds(7, 1));
        assertThat(next.join()).isEqualTo(7L);
    }
}
