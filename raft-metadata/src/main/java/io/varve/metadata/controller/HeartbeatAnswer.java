// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import io.varve.metadata.HeartbeatReply;
import io.varve.metadata.MetadataRejection;

/** What a node's sign of life came to. *Immutable.* */
public sealed interface HeartbeatAnswer {

    record Accepted(HeartbeatReply reply) implements HeartbeatAnswer {}

    /** Not the active controller, or not the node's current registration. */
    record Refused(MetadataRejection rejection) implements HeartbeatAnswer {}
}
