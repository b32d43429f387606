// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ServiceDescriptor;
import io.grpc.health.v1.HealthGrpc;
import io.varve.proto.v1.ConsumeServiceGrpc;
import io.varve.proto.v1.MetadataServiceGrpc;
import io.varve.proto.v1.Operation;
import io.varve.proto.v1.ProduceServiceGrpc;
import io.varve.proto.v1.RecordServiceGrpc;
import io.varve.proto.v1.Resource;
import io.varve.proto.v1.TopicServiceGrpc;
import java.util.List;
import org.junit.jupiter.api.Test;

class MethodAuthorizationsTest {

    private static final List<ServiceDescriptor> ALL = List.of(
            TopicServiceGrpc.getServiceDescriptor(),
            MetadataServiceGrpc.getServiceDescriptor(),
            ProduceServiceGrpc.getServiceDescriptor(),
            ConsumeServiceGrpc.getServiceDescriptor(),
            RecordServiceGrpc.getServiceDescriptor());

    @Test
    void shouldReadWhatEveryPublicMethodDeclares() {
        var authorizations = new MethodAuthorizations(ALL);

        var create = authorizations.of("varve.v1.TopicService/CreateTopics").orElseThrow();
        assertThat(create.getResource()).isEqualTo(Resource.RESOURCE_TOPIC);
        assertThat(create.getOperation()).isEqualTo(Operation.OPERATION_CREATE);
        ALL.forEach(service -> service.getMethods()
                .forEach(method -> assertThat(authorizations.of(method.getFullMethodName()))
                        .isPresent()));
    }

    @Test
    void shouldKnowNothingOfMethodsThatAreNotServed() {
        assertThat(new MethodAuthorizations(List.of()).of("varve.v1.TopicService/CreateTopics"))
                .isEmpty();
    }

    @Test
    void shouldRefuseAServiceWithoutDeclarations() {
        assertThatThrownBy(() -> new MethodAuthorizations(List.of(HealthGrpc.getServiceDescriptor())))
                .hasMessageContaining("grpc.health.v1.Health/")
                .hasMessageContaining("declares no authorization option");
    }
}
