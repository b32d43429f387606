// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import io.varve.proto.v1.Authorization;
import io.varve.proto.v1.Operation;
import io.varve.proto.v1.Options;
import io.varve.proto.v1.Resource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What each public method asks of its caller, read from its authorization option. <i>Immutable.</i> */
final class MethodAuthorizations {

    /** Health and reflection tell what the cluster is, and are not ours to annotate. */
    private static final String STANDARD_SERVICES = "grpc.";

    private static final Authorization DESCRIBE_CLUSTER = Authorization.newBuilder()
            .setResource(Resource.RESOURCE_CLUSTER)
            .setOperation(Operation.OPERATION_DESCRIBE)
            .build();

    private final Map<String, Authorization> byMethod = new HashMap<>();

    /** Throws IllegalStateException for a method that declares none: nobody could say who may call it. */
    MethodAuthorizations(List<ServiceDescriptor> services) {
        for (ServiceDescriptor service : services) {
            for (MethodDescriptor<?, ?> method : service.getMethods()) {
                byMethod.put(method.getFullMethodName(), declared(method));
            }
        }
    }

    /** Empty for a method that is not there. */
    Optional<Authorization> of(String fullMethodName) {
        return fullMethodName.startsWith(STANDARD_SERVICES)
                ? Optional.of(DESCRIBE_CLUSTER)
                : Optional.ofNullable(byMethod.get(fullMethodName));
    }

    private static Authorization declared(MethodDescriptor<?, ?> method) {
        if (method.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier schema) {
            Authorization authorization =
                    schema.getMethodDescriptor().getOptions().getExtension(Options.authorization);
            if (authorization.getResource() != Resource.RESOURCE_UNSPECIFIED
                    && authorization.getOperation() != Operation.OPERATION_UNSPECIFIED) {
                return authorization;
            }
        }
        throw new IllegalStateException("method " + method.getFullMethodName() + " declares no authorization option");
    }
}
