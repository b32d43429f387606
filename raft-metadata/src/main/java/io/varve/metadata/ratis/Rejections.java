// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import io.varve.metadata.MetadataRejection;
import io.varve.proto.v1.ErrorReason;
import java.util.concurrent.CompletionException;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.LeaderSteppingDownException;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.ResourceUnavailableException;

/** Failures of Ratis as rejections. */
final class Rejections {

    private Rejections() {}

    static MetadataRejection of(Throwable failure) {
        var cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof MetadataRejection rejection) {
            return rejection;
        } else if (cause instanceof LeaderNotReadyException || cause instanceof LeaderSteppingDownException) {
            return MetadataRejection.notApplied(
                    ErrorReason.ERROR_REASON_NOT_CONTROLLER, "this node is not, or no longer, the active controller");
        } else if (cause instanceof ResourceUnavailableException) {
            return MetadataRejection.notApplied(
                    ErrorReason.ERROR_REASON_THROTTLING_QUOTA_EXCEEDED, "too many metadata commands are under way");
        } else if (cause instanceof NotLeaderException) {
            // Also what pending commands get when leadership is lost; their entries may still be committed.
            return MetadataRejection.indeterminate(
                    ErrorReason.ERROR_REASON_NOT_CONTROLLER, "this node stopped being the active controller");
        }
        return MetadataRejection.indeterminate(
                ErrorReason.ERROR_REASON_QUORUM_UNAVAILABLE, "the metadata quorum failed: " + cause);
    }

    /** @param leader the node that leads; 0 if none is known */
    static MetadataRejection notLeader(int leader) {
        return MetadataRejection.notApplied(
                ErrorReason.ERROR_REASON_NOT_CONTROLLER,
                "this node does not lead the metadata quorum"
                        + (leader == 0 ? ", and knows nobody who does" : "; node " + leader + " does"));
    }
}
