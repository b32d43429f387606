// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal;

import io.grpc.MethodDescriptor;
import io.varve.client.ErrorDetails;
import io.varve.client.Outcome;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One question to whichever node answers it, until the request timeout. A node that refuses is followed by the next one at
 * once, and by a pause when all have refused. If asking twice does no harm, a node that does not answer soon is not waited
 * for: the next one is asked beside it, and the first answer counts. <i>Thread-safe.</i>
 */
final class Inquiry<Q, R> {
    private static final long PATIENCE_NANOS = 250_000_000;
    private static final long FIRST_PAUSE_NANOS = 20_000_000;
    private static final long MAX_PAUSE_NANOS = 500_000_000;
    private static final Set<String> CONTACT = Set.of("NETWORK_EXCEPTION", "REQUEST_TIMED_OUT");

    private final Connections connections;
    private final NodeChoice choice;
    private final Timer timer;
    private final MethodDescriptor<Q, R> method;
    private final Q question;
    private final boolean repeatable;
    private final long timeoutNanos;
    private final long deadlineNanos;
    private final CompletableFuture<R> future = new CompletableFuture<>();

    // All guarded by this.
    private final Set<NodeAddress> triedThisRound = new HashSet<>();
    private final Set<NodeAddress> pending = new HashSet<>();
    private final Map<NodeAddress, ErrorDetails> failures = new LinkedHashMap<>();
    private @Nullable ErrorDetails said;
    private long pauseNanos = FIRST_PAUSE_NANOS;
    private boolean paused;

    /** @param repeatable whether asking again does no harm if the question was answered but the answer was lost */
    Inquiry(
            Connections connections,
            NodeChoice choice,
            Timer timer,
            MethodDescriptor<Q, R> method,
            Q question,
            boolean repeatable,
            long timeoutNanos) {
        this.connections = connections;
        this.choice = choice;
        this.timer = timer;
        this.method = method;
        this.question = question;
        this.repeatable = repeatable;
        this.timeoutNanos = timeoutNanos;
        this.deadlineNanos = System.nanoTime() + timeoutNanos;
    }

    CompletableFuture<R> start() {
        next();
        return future;
    }

    /** Asks a node that was not asked in this round. */
    private void next() {
        NodeAddress address = null;
        synchronized (this) {
            if (future.isDone() || paused) {
                return;
            }
            for (NodeAddress candidate : choice.inOrder()) {
                if (!pending.contains(candidate) && triedThisRound.add(candidate)) {
                    address = candidate;
                    pending.add(candidate);
                    break;
                }
            }
            if (address == null) {
                if (pending.isEmpty()) {
                    pause();
                }
                return;
            }
        }
        ask(address);
    }

    private void ask(NodeAddress address) {
        long left = Math.max(1_000_000, deadlineNanos - System.nanoTime());
        connections.ask(address, method, question, left).whenComplete((answer, failure) -> {
            if (answer != null) {
                choice.answered(address);
                future.complete(answer);
            } else {
                failed(address, Errors.of(failure, what(address)));
            }
        });
        if (repeatable) {
            timer.after(PATIENCE_NANOS, () -> grow(address));
        }
    }

    /** Has the next node asked beside one that is silent. */
    private void grow(NodeAddress address) {
        synchronized (this) {
            if (future.isDone() || !pending.contains(address)) {
                return;
            }
        }
        choice.failed(address);
        next();
    }

    private void failed(NodeAddress address, ErrorDetails error) {
        boolean contactLost = CONTACT.contains(error.reason());
        if (contactLost) {
            choice.failed(address);
        }
        boolean again = error.retriable() && (repeatable || error.outcome() == Outcome.NOT_APPLIED);
        synchronized (this) {
            pending.remove(address);
            if (!contactLost) {
                said = error;
            } else if (!error.reason().equals("REQUEST_TIMED_OUT") || !failures.containsKey(address)) {
                // That time ran out in the last attempt says less than why the one before it failed.
                failures.put(address, error);
            }
        }
        if (!again) {
            future.completeExceptionally(Exceptions.of(error));
        } else {
            next();
        }
    }

    /** All have refused: a pause, then again. The caller holds the lock. */
    private void pause() {
        long pause = pauseNanos - ThreadLocalRandom.current().nextLong(pauseNanos / 4);
        if (System.nanoTime() + pause >= deadlineNanos) {
            future.completeExceptionally(Exceptions.of(givenUp()));
            return;
        }
        paused = true;
        pauseNanos = Math.min(pauseNanos * 2, MAX_PAUSE_NANOS);
        timer.after(pause, this::nextRound);
    }

    private void nextRound() {
        synchronized (this) {
            paused = false;
            triedThisRound.clear();
        }
        next();
    }

    private ErrorDetails givenUp() {
        long ms = timeoutNanos / 1_000_000;
        ErrorDetails word = said;
        if (word != null) {
            // A node that can be reached knows better than those that cannot.
            return word.withMessage(word.message() + "; gave up after " + ms + " ms");
        }
        ErrorDetails first = failures.values().iterator().next();
        boolean applied = failures.values().stream().anyMatch(e -> e.outcome() != Outcome.NOT_APPLIED);
        String tried = failures.keySet().stream().map(NodeAddress::toString).collect(Collectors.joining(", "));
        String why = failures.entrySet().stream()
                .map(e -> e.getKey() + ": " + why(e.getKey(), e.getValue()))
                .collect(Collectors.joining("; "));
        return new ErrorDetails(
                first.code(),
                first.reason(),
                failures.size() == 1
                        ? "cannot reach " + tried + " within " + ms + " ms: "
                                + why(failures.keySet().iterator().next(), first)
                        : "cannot reach any of " + failures.size() + " nodes within " + ms + " ms (" + why + ")",
                "check that a node runs and listens there",
                true,
                applied ? Outcome.INDETERMINATE : Outcome.NOT_APPLIED,
                Map.of("address", tried),
                first.cause());
    }

    private String what(NodeAddress address) {
        return method.getBareMethodName() + " at " + address;
    }

    private String why(NodeAddress address, ErrorDetails error) {
        String message = error.message();
        String rest = message.startsWith(what(address))
                ? message.substring(what(address).length()).trim()
                : message;
        return rest.startsWith("failed: ") ? rest.substring("failed: ".length()) : rest;
    }
}
