// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.MetadataImage;
import io.varve.proto.v1.ErrorReason;
import java.util.Optional;
import java.util.UUID;

/** Refusals that more than one command can meet. */
final class Refusals {

    private Refusals() {}

    /** Why a node may not speak under this epoch; empty if it may. */
    static Optional<MetadataError> notCurrent(MetadataImage image, BrokerRef ref) {
        var broker = image.broker(ref.nodeId());
        if (broker.isEmpty()) {
            return Optional.of(MetadataError.of(
                    ErrorReason.ERROR_REASON_BROKER_ID_NOT_REGISTERED,
                    "node " + ref.nodeId() + " is not registered",
                    "register it first"));
        }
        long epoch = broker.get().epoch();
        return epoch == ref.brokerEpoch()
                ? Optional.empty()
                : Optional.of(MetadataError.of(
                        ErrorReason.ERROR_REASON_STALE_BROKER_EPOCH,
                        "node " + ref.nodeId() + ": broker epoch " + ref.brokerEpoch() + " is not the current one, "
                                + epoch,
                        "it was registered again since; restart it or register it again"));
    }

    static MetadataError unknownTopic(UUID topicId) {
        return MetadataError.of(
                ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_ID,
                "there is no topic of id " + io.varve.proto.Uuids.toText(topicId),
                "it was deleted, perhaps created again under another id; refresh metadata");
    }
}
