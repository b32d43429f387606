// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.stream;

import java.time.Duration;

/**
 * @param silence after which a voter counts as gone, and how long one may be behind its follower
 * @param patience how long a voter has to bring its follower to an index that somebody else acts on
 * @param backoff after every voter was tried in vain; doubles with each such round
 * @param maxBackoff what it doubles to
 */
public record FollowerSettings(Duration silence, Duration patience, Duration backoff, Duration maxBackoff) {

    public static final FollowerSettings DEFAULT = new FollowerSettings(
            Duration.ofSeconds(2), Duration.ofMillis(200), Duration.ofMillis(100), Duration.ofSeconds(1));
}
