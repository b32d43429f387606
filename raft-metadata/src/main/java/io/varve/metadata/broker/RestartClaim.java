// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.broker;

import java.util.Optional;
import java.util.UUID;

/**
 * What a node that starts may say about its former life when it registers (P28, P29). *Immutable.* Decides what becomes
 * of its {@code written} replicas; a {@code flushed} one has on its disk whatever it acknowledged, stopped cleanly or not.
 *
 * <p>Order: read epoch and marker, decide, remove the marker so that it survives a power loss, and only then open a log
 * for writing. A marker that outlived a write would prove what is not so.
 *
 * @param previousBrokerEpoch the stored one, 0 for none: one that is too old tells the controller that this is an older
 *     copy of the disk
 * @param clean whether everything that was written, flushed or not, is proven to be there
 */
public record RestartClaim(long previousBrokerEpoch, boolean clean) {

    /** The proof of a clean stop: under which epoch, and of which directory. */
    public record Marker(long brokerEpoch, UUID directoryId) {}

    /**
     * @param storedEpoch the broker epoch stored last, 0 for none
     * @param marker as found; absent also if it could not be read
     */
    public static RestartClaim of(long storedEpoch, UUID directoryId, Optional<Marker> marker) {
        boolean clean = storedEpoch > 0
                && marker.filter(m -> m.brokerEpoch() == storedEpoch
                                && m.directoryId().equals(directoryId))
                        .isPresent();
        return new RestartClaim(storedEpoch, clean);
    }
}
