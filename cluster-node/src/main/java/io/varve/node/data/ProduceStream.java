// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import io.varve.proto.v1.ProduceResponse;
import io.varve.transport.ProduceBatch;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * One producer's stream. Batches go to their partitions as they come; results come back through the mailbox and are sent several in one message.
 *
 * <p>The stream is read only while there is room for what it brings: not while its own batches without result exceed {@link DataLimits#streamBytes},
 * nor while the node's budget is used up or its disk fills, nor while the client leaves {@link DataLimits#unsentResultsMax} results unread. A client that reads nothing
 * for {@link DataLimits#stallTimeout} loses the stream.
 *
 * <p>Confined to the stream's event loop.
 */
final class ProduceStream extends ServerCall.Listener<ProduceBatch> {
    /** Messages asked for at a time: a request per message costs a crossing into gRPC each. */
    static final int GROUP = 8;

    private static final int RESULTS_PER_MESSAGE = 512;

    private final ServerCall<ProduceBatch, ProduceResponse> call;
    private final BatchIntake intake;
    private final PartitionLookup lookup;
    private final AppendGate gate;
    private final ByteBudget budget;
    private final DataLimits limits;
    private final StreamLoop<PendingBatch> mailbox;
    private final StallWatch stall;
    private final Queue<PendingBatch> unsent = new ArrayDeque<>();
    private final Runnable onEnd;
    private long nextNumber = 1;
    private long inFlightBytes;
    private int inFlight;
    private int requested; // asked of gRPC and not yet arrived
    private int typicalBytes = 64 << 10; // of a batch, as lately seen
    private boolean waitsForBudget;
    private boolean held; // was asked to wait, and is not read meanwhile
    private boolean halfClosed;
    private boolean closed;

    ProduceStream(
            ServerCall<ProduceBatch, ProduceResponse> call, DataPlane plane, BatchIntake intake, EndOfStream onEnd) {
        this.call = call;
        this.intake = intake;
        this.lookup = plane.lookup();
        this.gate = plane.gate();
        this.budget = plane.budget();
        this.limits = plane.limits();
        this.mailbox = new StreamLoop<>(plane.workers(), this::drain);
        this.stall = new StallWatch(mailbox, limits.stallTimeout(), this::disconnect);
        this.onEnd = () -> onEnd.ended(this);
    }

    /** Told once when the stream is over. */
    interface EndOfStream {
        void ended(ProduceStream stream);
    }

    void start() {
        call.sendHeaders(new Metadata());
        requestMore();
    }

    @Override
    public void onMessage(ProduceBatch batch) {
        requested--;
        if (closed) {
            batch.release();
            return;
        }
        if (batch.number() != nextNumber) {
            batch.release();
            close(ErrorReasons.error(
                    ErrorReason.ERROR_REASON_INVALID_REQUEST,
                    "batch number " + batch.number() + ", expected " + nextNumber,
                    "number the batches of a stream 1, 2, 3, ...",
                    Outcome.OUTCOME_INDETERMINATE,
                    Map.of()));
            return;
        }
        nextNumber++;
        int size = batch.batch().readableBytes();
        typicalBytes = Math.max(1, typicalBytes + (size - typicalBytes) / 4);
        inFlight++;
        inFlightBytes += size;
        budget.take(size);
        PendingBatch pending = new PendingBatch(mailbox, batch);
        try {
            intake.submit(batch, pending);
        } catch (RuntimeException e) { // a defect ends the stream; the budget must be given back all the same
            pending.refuse(StatusMapper.refused(
                    ErrorReason.ERROR_REASON_UNKNOWN_SERVER_ERROR, "the node failed at this batch"));
            throw e;
        }
        requestMore();
    }

    @Override
    public void onHalfClose() {
        halfClosed = true;
        finishWhenDone();
    }

    @Override
    public void onCancel() {
        end();
    }

    @Override
    public void onComplete() {
        end();
    }

    @Override
    public void onReady() {
        sendResults();
        requestMore();
    }

    /** Results have come in. Runs also after the end: the budget must be given back. */
    private void drain() {
        for (PendingBatch done = mailbox.poll(); done != null; done = mailbox.poll()) {
            inFlight--;
            inFlightBytes -= done.sizeBytes();
            budget.give(done.sizeBytes());
            if (!closed && done.isToBeTold()) {
                unsent.add(done);
            }
        }
        sendResults();
        requestMore();
        finishWhenDone();
    }

    private void sendResults() {
        while (!closed && !unsent.isEmpty() && call.isReady()) {
            ProduceResponse.Builder message = ProduceResponse.newBuilder();
            for (int i = 0; i < RESULTS_PER_MESSAGE && !unsent.isEmpty(); i++) {
                message.addResults(unsent.remove().toMessage(lookup));
            }
            int throttleMillis = gate.throttleMillis();
            call.sendMessage(message.setThrottleMs(throttleMillis).build());
            hold(throttleMillis);
        }
        if (closed || unsent.isEmpty()) {
            stall.moving();
        } else {
            stall.waiting();
        }
    }

    private void requestMore() {
        if (closed
                || halfClosed
                || held
                || inFlightBytes >= limits.streamBytes()
                || unsent.size() >= limits.unsentResultsMax()) {
            return;
        }
        if (!budget.hasRoom()) {
            waitForBudget();
            return;
        }
        long room = (limits.streamBytes() - inFlightBytes) / typicalBytes;
        int wanted = (int) Math.max(1, Math.min(GROUP, room));
        if (requested <= wanted / 2) {
            int more = wanted - requested;
            requested = wanted;
            call.request(more);
        }
    }

    /** Also for clients that do not wait when they are asked to. */
    private void hold(int millis) {
        if (millis > 0 && !held) {
            held = true;
            mailbox.schedule(
                    () -> {
                        held = false;
                        requestMore();
                    },
                    TimeUnit.MILLISECONDS.toNanos(millis));
        }
    }

    private void waitForBudget() {
        if (!waitsForBudget) {
            waitsForBudget = true;
            budget.whenRoom(() -> mailbox.later(() -> {
                waitsForBudget = false;
                requestMore();
            }));
        }
    }

    private void finishWhenDone() {
        if (halfClosed && !closed && inFlight == 0 && unsent.isEmpty()) {
            call.close(Status.OK, new Metadata());
            end();
        }
    }

    private void disconnect() {
        close(ErrorReasons.error(
                ErrorReason.ERROR_REASON_THROTTLING_QUOTA_EXCEEDED,
                unsent.size() + " results were not read for "
                        + limits.stallTimeout().toSeconds() + " s",
                "read the results of a produce stream as they come",
                Outcome.OUTCOME_INDETERMINATE,
                Map.of()));
    }

    /** The node shuts down; what has no result is INDETERMINATE. Any thread. */
    void shutDown() {
        mailbox.later(() -> close(ErrorReasons.error(
                ErrorReason.ERROR_REASON_NETWORK_EXCEPTION,
                "the node shuts down",
                "go to another node, or try again soon",
                Outcome.OUTCOME_INDETERMINATE,
                Map.of())));
    }

    private void close(Error error) {
        if (!closed) {
            StatusRuntimeException status = ErrorReasons.toStatus(error);
            Metadata trailers = status.getTrailers();
            call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
            end();
        }
    }

    private void end() {
        if (!closed) {
            closed = true;
            unsent.clear();
            stall.moving();
            onEnd.run();
        }
    }
}
