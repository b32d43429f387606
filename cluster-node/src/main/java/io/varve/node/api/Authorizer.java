// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.varve.proto.v1.Authorization;

/** Decides whether somebody may call a method at all. <i>Thread-safe.</i> */
@FunctionalInterface
public interface Authorizer {

    /** Lets everybody do everything: what a node without authentication can do. */
    Authorizer ALLOW_ALL = (principal, authorization) -> true;

    boolean isAllowed(Principal principal, Authorization authorization);
}
