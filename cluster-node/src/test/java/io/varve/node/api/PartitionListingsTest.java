// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.StatusRuntimeException;
import io.varve.metadata.image.MetadataImage;
import io.varve.proto.v1.ListPartitionsRequest;
import io.varve.proto.v1.ListPartitionsResponse;
import io.varve.proto.v1.PartitionFilter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartitionListingsTest {

    private static final List<Integer> ALL = List.of(1, 2, 3);

    private final MetadataImage image = new TestImage()
            .nodes(1, 2, 3)
            .topic("orders")
            .partition("orders", 1, ALL, ALL)
            .partition("orders", 2, ALL, List.of(2, 3))
            .partition("orders", 3, ALL, List.of(3))
            .partition("orders", 0, ALL, List.of())
            .topic("bills")
            .partition("bills", 2, List.of(2, 1), List.of(2, 1))
            .topic("__state")
            .partition("__state", 1, ALL, ALL)
            .get();

    @Test
    void shouldListTheTopicsOfUsersInOrder() {
        assertThat(names(list(ListPartitionsRequest.getDefaultInstance())))
                .containsExactly("bills:0", "orders:0", "orders:1", "orders:2", "orders:3");
        assertThat(names(list(ListPartitionsRequest.newBuilder()
                        .setIncludeInternal(true)
                        .build())))
                .contains("__state:0");
    }

    @Test
    void shouldTellTheWorstOfEachPartition() {
        assertThat(list(ListPartitionsRequest.newBuilder().addTopics("orders").build())
                        .getPartitionsList())
                .extracting(partition -> partition.getStatus())
                .containsExactly("ok", "under-replicated", "under-min-isr", "offline");
    }

    @Test
    void shouldListThoseThatAnyFilterHoldsFor() {
        assertThat(filtered(PartitionFilter.PARTITION_FILTER_UNDER_REPLICATED))
                .containsExactly("orders:1", "orders:2", "orders:3");
        assertThat(filtered(PartitionFilter.PARTITION_FILTER_UNDER_MIN_ISR)).containsExactly("orders:2", "orders:3");
        assertThat(filtered(PartitionFilter.PARTITION_FILTER_AT_MIN_ISR)).containsExactly("orders:1");
        assertThat(filtered(PartitionFilter.PARTITION_FILTER_OFFLINE)).containsExactly("orders:3");
        assertThat(filtered(PartitionFilter.PARTITION_FILTER_NOT_PREFERRED_LEADER))
                .containsExactly("orders:1", "orders:2");
        assertThat(filtered(PartitionFilter.PARTITION_FILTER_OFFLINE, PartitionFilter.PARTITION_FILTER_AT_MIN_ISR))
                .containsExactly("orders:1", "orders:3");
    }

    @Test
    void shouldListWhatANodeLeadsOrHolds() {
        assertThat(names(list(ListPartitionsRequest.newBuilder().setLeader(2).build())))
                .containsExactly("bills:0", "orders:1");
        assertThat(names(list(ListPartitionsRequest.newBuilder().setNodeId(3).build())))
                .containsExactly("orders:0", "orders:1", "orders:2", "orders:3");
    }

    @Test
    void shouldGiveOutEveryPartitionOnceInPages() {
        ListPartitionsRequest.Builder request =
                ListPartitionsRequest.newBuilder().setPageSize(2);
        List<String> seen = new ArrayList<>();
        int pages = 0;
        ListPartitionsResponse page;
        do {
            page = list(request.build());
            seen.addAll(names(page));
            request.setPageToken(page.getNextPageToken());
            pages++;
        } while (!page.getNextPageToken().isEmpty());

        assertThat(seen).containsExactly("bills:0", "orders:0", "orders:1", "orders:2", "orders:3");
        assertThat(pages).isEqualTo(3);
    }

    @Test
    void shouldNameTopicsThatAreNotThere() {
        ListPartitionsResponse answer = list(ListPartitionsRequest.newBuilder()
                .addTopics("bills")
                .addTopics("bils")
                .build());

        assertThat(names(answer)).containsExactly("bills:0");
        assertThat(answer.getErrorsList())
                .singleElement()
                .satisfies(error -> assertThat(error.getMessage()).contains("bils"));
    }

    @Test
    void shouldRefuseATokenThatNobodyGaveOut() {
        assertThatThrownBy(() -> list(
                        ListPartitionsRequest.newBuilder().setPageToken("what?").build()))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("page_token");
        assertThatThrownBy(() ->
                        list(ListPartitionsRequest.newBuilder().setPageSize(-1).build()))
                .hasMessageContaining("page_size");
    }

    private ListPartitionsResponse list(ListPartitionsRequest request) {
        return PartitionListings.list(image, request);
    }

    private List<String> filtered(PartitionFilter... filters) {
        return names(list(ListPartitionsRequest.newBuilder()
                .addAllFilters(List.of(filters))
                .build()));
    }

    private static List<String> names(ListPartitionsResponse answer) {
        return answer.getPartitionsList().stream()
                .map(partition -> partition.getTopic() + ":" + partition.getPartition())
                .toList();
    }
}
