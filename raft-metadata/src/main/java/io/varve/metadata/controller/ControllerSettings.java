// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import java.time.Duration;

/**
 * @param session silence after which a node is fenced
 * @param compareInterval how often the images of all voters are compared, if anything changed
 */
public record ControllerSettings(Duration session, Duration compareInterval) {

    public static final ControllerSettings DEFAULT =
            new ControllerSettings(Duration.ofSeconds(3), Duration.ofMinutes(1));

    public static ControllerSettings ofSession(Duration session) {
        return new ControllerSettings(session, DEFAULT.compareInterval());
    }

    /** How often {@link ControllerCore#tick} wants to be called. */
    public Duration tick() {
        return session.dividedBy(LivenessRules.PASSES_PER_SESSION);
    }
}
