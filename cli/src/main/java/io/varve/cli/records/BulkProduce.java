// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import io.varve.cli.CommandFailure;
import io.varve.cli.Console;
import io.varve.cli.ExitStatus;
import io.varve.cli.Interruption;
import io.varve.cli.Progress;
import io.varve.cli.Throughput;
import io.varve.cli.Units;
import io.varve.client.Acks;
import io.varve.client.Producer;
import io.varve.client.ProducerRecord;
import io.varve.client.RecordMetadata;
import io.varve.client.VarveException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Sends many records without waiting for each, stops at the first that fails, and tells how many were acknowledged.
 * Sends on one thread; acknowledgements are counted on the producer's.
 */
final class BulkProduce {
    /** Smaller input is through before a bar could be read. */
    private static final long BAR_FROM_BYTES = 16 << 20;

    private static final Duration FAREWELL = Duration.ofSeconds(3);

    private final Console console;
    private final Producer<byte[], byte[]> producer;
    private final RecordTemplate template;
    private final Acks acks;

    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong acknowledgedBytes = new AtomicLong();
    private final AtomicReference<@Nullable CommandFailure> failure = new AtomicReference<>();
    private final AtomicBoolean told = new AtomicBoolean();
    private final long startNanos = System.nanoTime();
    // Written by the thread of a signal, read by the one that sends.
    private volatile boolean stopped;

    BulkProduce(Console console, Producer<byte[], byte[]> producer, RecordTemplate template, Acks acks) {
        this.console = console;
        this.producer = producer;
        this.template = template;
        this.acks = acks;
    }

    /** Returns when every record is acknowledged; any other end is a failure. */
    void run(RecordSource source, RecordInput input) throws IOException {
        long bar = input.sizeBytes() >= BAR_FROM_BYTES ? input.sizeBytes() : 0;
        try (Interruption interruption = Interruption.stopsBy(this::interrupt, Duration.ZERO);
                Progress progress = bar > 0 ? Progress.of(console, template.topic(), bar) : Progress.none()) {
            CommandFailure unreadable = sendAll(source, input, progress);
            if (stopped) {
                // The thread of the signal tells the rest.
                return;
            }
            producer.flush();
            progress.close();
            tell();
            CommandFailure first = failure.get() != null ? failure.get() : unreadable;
            if (first != null) {
                throw first;
            }
        }
    }

    private @Nullable CommandFailure sendAll(RecordSource source, RecordInput input, Progress progress)
            throws IOException {
        long number = 0;
        long sentBytes = 0;
        try {
            for (RecordSource.InputRecord next = source.next();
                    next != null && !stopped && failure.get() == null;
                    next = source.next()) {
                long size = size(next.key()) + size(next.value());
                send(template.of(next), ++number, size, input.name());
                sentBytes += size + 1;
                progress.stepTo(sentBytes);
            }
        } catch (RecordSource.InvalidInputException e) {
            // What was read before it is sent all the same, and counted.
            return new CommandFailure(
                    ExitStatus.USAGE,
                    "INVALID_INPUT",
                    input.name() + ": " + e.getMessage(),
                    "see the formats in varve produce --help");
        } catch (IllegalStateException e) {
            if (!stopped) {
                throw e;
            }
        } catch (IllegalArgumentException e) {
            return new CommandFailure(
                    ExitStatus.USAGE,
                    "INVALID_RECORD",
                    "record " + number + " of " + input.name() + ": " + e.getMessage(),
                    "");
        }
        return null;
    }

    private void send(ProducerRecord<byte[], byte[]> record, long number, long size, String source) {
        producer.send(record, (stored, error) -> completed(stored, error, number, size, source));
    }

    private void completed(
            @Nullable RecordMetadata stored, @Nullable VarveException error, long number, long size, String source) {
        if (error != null) {
            failure.compareAndSet(null, ProduceCommand.failureOf(number, error, source));
        } else if (stored != null) {
            acknowledged.incrementAndGet();
            acknowledgedBytes.addAndGet(size);
        }
    }

    /** On Ctrl-C. The sending thread may be stuck in a read, so the summary is told from here. */
    private void interrupt() {
        stopped = true;
        producer.close(FAREWELL);
        tell();
    }

    private void tell() {
        if (told.compareAndSet(false, true)) {
            Throughput throughput = Throughput.since(startNanos, acknowledged.get(), acknowledgedBytes.get());
            console.err()
                    .println(template.topic() + ": " + Units.grouped(acknowledged.get())
                            + (acknowledged.get() == 1 ? " record " : " records ")
                            + (acks == Acks.NONE ? "sent" : "acknowledged")
                            + ", " + throughput);
        }
    }

    private static long size(byte @Nullable [] content) {
        return content == null ? 0 : content.length;
    }
}
