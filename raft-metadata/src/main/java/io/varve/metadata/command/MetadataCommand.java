// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.command;

import io.varve.metadata.image.RequestId;
import java.util.Optional;

/**
 * One command with what surrounds it. *Immutable.*
 *
 * @param controllerEpoch the term in which the deciding controller was activated; refused if the entry gets another.
 *     {@link #UNFENCED} for commands that the epochs they carry fence
 * @param requestId for commands that must not be executed twice
 * @param nowMillis wall clock of the submitter, for people only
 * @param principal who asked; empty for the cluster itself
 */
public record MetadataCommand(
        long controllerEpoch, Optional<RequestId> requestId, long nowMillis, String principal, CommandBody body) {

    public static final long UNFENCED = 0;

    /** The largest command in bytes: what Ratis takes as one entry. */
    public static final int MAX_BYTES = 1_000_000;

    public static MetadataCommand unfenced(CommandBody body) {
        return new MetadataCommand(UNFENCED, Optional.empty(), 0, "", body);
    }

    public static MetadataCommand decidedBy(long controllerEpoch, CommandBody body) {
        return new MetadataCommand(controllerEpoch, Optional.empty(), 0, "", body);
    }

    public MetadataCommand once(RequestId id) {
        return new MetadataCommand(controllerEpoch, Optional.of(id), nowMillis, principal, body);
    }

    public MetadataCommand at(long wallMillis) {
        return new MetadataCommand(controllerEpoch, requestId, wallMillis, principal, body);
    }
}
