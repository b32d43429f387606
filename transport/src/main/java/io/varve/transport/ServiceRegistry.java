// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import io.grpc.HandlerRegistry;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Services that come to a server which listens already: each part of a node adds its own once it works. Until then calls
 * of its methods end with UNIMPLEMENTED. *Thread-safe.*
 */
public final class ServiceRegistry extends HandlerRegistry {
    private final Map<String, ServerMethodDefinition<?, ?>> methods = new ConcurrentHashMap<>();

    /** From now on its methods are served. */
    public void add(ServerServiceDefinition service) {
        CallGuard.around(service)
                .getMethods()
                .forEach(method -> methods.put(method.getMethodDescriptor().getFullMethodName(), method));
    }

    @Override
    public @Nullable ServerMethodDefinition<?, ?> lookupMethod(String methodName, @Nullable String authority) {
        return methods.get(methodName);
    }
}
