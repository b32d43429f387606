// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.grpc.Context;
import io.grpc.Deadline;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * What is known about a call besides its message. <i>Immutable.</i>
 *
 * @param listener the name of the listener that it came in on
 * @param deadline when the caller stops waiting; for a call without one, when the node stops working on it
 */
public record RequestContext(Principal principal, String listener, Deadline deadline) {

    /** How long the node works on a call whose caller would wait for ever. */
    public static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(30);

    static final Context.Key<RequestContext> KEY = Context.key("varve-request");

    /** That of the call being handled on this thread. */
    public static RequestContext current() {
        RequestContext context = KEY.get();
        if (context == null) {
            throw new IllegalStateException("this thread handles no call that came through the interceptor");
        }
        return context;
    }

    /** What is left until the deadline, at least nothing. */
    public Duration timeLeft() {
        return Duration.ofNanos(Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS)));
    }
}
