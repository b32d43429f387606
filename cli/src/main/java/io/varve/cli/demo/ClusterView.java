// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.demo;

import io.varve.client.VarveClient;
import io.varve.client.VarveException;
import io.varve.proto.v1.ListPartitionsRequest;
import io.varve.proto.v1.PartitionListing;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;

/** The topic's partitions as the cluster's metadata has them. Confined to one thread. */
final class ClusterView implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final VarveClient client;
    private final String topic;
    private List<PartitionListing> lastSeen = List.of();

    /** @param bootstrap nodes that are expected to answer */
    ClusterView(String bootstrap, String topic) {
        this.client = VarveClient.builder()
                .bootstrap(bootstrap)
                .clientId("varve-demo-view")
                .requestTimeout(TIMEOUT)
                .build();
        this.topic = topic;
    }

    /** Ordered by number; empty while no node answers. */
    List<PartitionListing> partitions() {
        try {
            ListPartitionsRequest request =
                    ListPartitionsRequest.newBuilder().addTopics(topic).build();
            lastSeen = client.admin().cluster().listPartitions(request).join().getPartitionsList();
            return lastSeen;
        } catch (CompletionException | VarveException e) {
            return List.of();
        }
    }

    /** What the last answer was. */
    List<PartitionListing> lastSeen() {
        return lastSeen;
    }

    /** Whether every replica of every partition is in sync. */
    boolean isWhole(int partitionCount) {
        List<PartitionListing> partitions = partitions();
        return partitions.size() == partitionCount
                && partitions.stream()
                        .allMatch(partition ->
                                partition.getLeader() != 0 && partition.getIsrCount() == partition.getReplicasCount());
    }

    /** Node id of the active controller; 0 while there is none. */
    int controller() {
        try {
            return client.admin().describeCluster().join().controllerId();
        } catch (CompletionException | VarveException e) {
            return 0;
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
