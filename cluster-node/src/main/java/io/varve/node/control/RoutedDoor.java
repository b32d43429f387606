// SPDX-License-Identifier: Apache-2.0
package io.varve.node.control;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.CommandDoor;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.MetadataSource;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.ControllerImage;
import io.varve.metadata.runtime.IndexWait;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Carries commands to the active controller, wherever it is: to the one that the newest image or a hint names, else to
 * one voter after the other. Asks again only while it is certain that nothing was applied, or when the command carries
 * the name of its request, so that the machine applies it once. <i>Thread-safe.</i>
 */
public final class RoutedDoor implements CommandDoor {

    private static final long PAUSE_MILLIS = 20;
    private static final long MAX_PAUSE_MILLIS = 200;

    private final VoterPort voters;
    private final MetadataSource metadata;
    private final IndexWait images;
    private final ScheduledExecutorService timer;
    private final Duration patience;
    private int target; // guarded by this
    private long epoch; // of the controller that the image named last; guarded by this

    /** @param patience how long a command is carried about before its caller hears that there is no controller */
    public RoutedDoor(
            VoterPort voters,
            MetadataSource metadata,
            IndexWait images,
            ScheduledExecutorService timer,
            Duration patience) {
        this.voters = voters;
        this.metadata = metadata;
        this.images = images;
        this.timer = timer;
        this.patience = patience;
        this.target = voters.voters().get(0);
    }

    @Override
    public CompletableFuture<ApplyReply> execute(MetadataCommand command) {
        Errand errand = new Errand(command);
        errand.go();
        return errand.done;
    }

    private synchronized int target() {
        ControllerImage named = metadata.image().controller();
        if (named.epoch() > epoch) {
            epoch = named.epoch();
            target = voters.voters().contains(named.nodeId()) ? named.nodeId() : target;
        }
        return target;
    }

    /** This one is not it: the hint if there is one, else the next in turn, unless somebody has moved on already. */
    private synchronized void moveOn(int from, int hint) {
        List<Integer> all = voters.voters();
        if (target == from) {
            target = hint != from && all.contains(hint) ? hint : all.get((all.indexOf(from) + 1) % all.size());
        }
    }

    /** One command on its way. <i>Confined to one step at a time: each schedules the next.</i> */
    private final class Errand {

        private final MetadataCommand command;
        private final CompletableFuture<ApplyReply> done = new CompletableFuture<>();
        private final long deadlineNanos = System.nanoTime() + patience.toNanos();
        private boolean perhapsApplied;
        private int tries;
        private @Nullable MetadataRejection last;

        Errand(MetadataCommand command) {
            this.command = command;
        }

        void go() {
            int to = target();
            var unused = voters.execute(to, command).whenComplete((answer, failure) -> {
                if (answer == null) {
                    done.completeExceptionally(failure);
                } else {
                    take(to, answer);
                }
            });
        }

        private void take(int from, VoterAnswer<ApplyReply> answer) {
            if (answer instanceof VoterAnswer.Given<ApplyReply> given) {
                ApplyReply reply = given.value();
                var unused = images.reached(reply.index())
                        .orTimeout(Math.max(1, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS)
                        // It is done, whether this node's image gets there soon or not.
                        .whenComplete((reached, late) -> done.complete(reply));
            } else if (answer instanceof VoterAnswer.Refused<ApplyReply> refused) {
                refused(from, refused.rejection(), refused.hint());
            } else if (answer instanceof VoterAnswer.Unreachable<ApplyReply> unreachable) {
                moveOn(from, 0);
                String message = "node %d cannot be reached: %s".formatted(from, unreachable.why());
                again(
                        unreachable.sent(),
                        unreachable.sent()
                                ? MetadataRejection.indeterminate(ErrorReason.ERROR_REASON_NETWORK_EXCEPTION, message)
                                : MetadataRejection.notApplied(ErrorReason.ERROR_REASON_NETWORK_EXCEPTION, message));
            }
        }

        private void refused(int from, MetadataRejection why, int hint) {
            boolean indeterminate = why.outcome() != Outcome.OUTCOME_NOT_APPLIED;
            if (why.reason() != ErrorReason.ERROR_REASON_NOT_CONTROLLER) {
                done.completeExceptionally(perhapsApplied ? indeterminate(why) : why);
                return;
            }
            moveOn(from, hint);
            again(indeterminate, why);
        }

        private void again(boolean perhaps, MetadataRejection why) {
            perhapsApplied |= perhaps;
            last = why;
            boolean repeatable = !perhapsApplied || command.requestId().isPresent();
            if (!repeatable) {
                done.completeExceptionally(why);
            } else if (System.nanoTime() - deadlineNanos >= 0) {
                done.completeExceptionally(gaveUp());
            } else {
                tries++;
                // The first hint is followed at once; going round in circles is not hurried.
                long pause = tries == 1 ? 0 : Math.min(MAX_PAUSE_MILLIS, PAUSE_MILLIS * tries);
                try {
                    var unused = timer.schedule(this::go, pause, TimeUnit.MILLISECONDS);
                } catch (RejectedExecutionException e) {
                    done.completeExceptionally(why); // this node is shutting down
                }
            }
        }

        private MetadataRejection gaveUp() {
            String message = "no active controller took this within %d ms, last answer: %s"
                    .formatted(patience.toMillis(), last == null ? "none" : last.getMessage());
            return perhapsApplied
                    ? MetadataRejection.indeterminate(ErrorReason.ERROR_REASON_QUORUM_UNAVAILABLE, message)
                    : MetadataRejection.notApplied(ErrorReason.ERROR_REASON_QUORUM_UNAVAILABLE, message);
        }

        private static MetadataRejection indeterminate(MetadataRejection why) {
            return new MetadataRejection(why.error(), Outcome.OUTCOME_INDETERMINATE);
        }
    }
}
