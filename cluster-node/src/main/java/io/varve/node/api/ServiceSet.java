// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.varve.node.data.ConsumeGrpcService;
import io.varve.node.data.ProduceGrpcService;
import io.varve.node.data.RecordGrpcService;
import java.util.List;
import java.util.stream.Stream;

/** Every public service, once for all listeners. <i>Thread-safe.</i> */
public record ServiceSet(
        TopicGrpcService topics,
        ConfigGrpcService configs,
        ClusterGrpcService cluster,
        MetadataGrpcService metadata,
        ProduceGrpcService produce,
        ConsumeGrpcService consume,
        RecordGrpcService records) {

    List<ServerServiceDefinition> definitions() {
        return Stream.<BindableService>of(topics, configs, cluster, metadata, produce, consume, records)
                .map(BindableService::bindService)
                .toList();
    }

    /** Ends the streams, which would otherwise go on for ever. */
    public void endStreams() {
        metadata.watchers().close();
        produce.close();
        consume.close();
    }
}
