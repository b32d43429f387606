// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import io.varve.cli.CommandFailure;
import io.varve.cli.Console;
import io.varve.cli.ExitStatus;
import io.varve.cli.Interruption;
import io.varve.cli.Throughput;
import io.varve.cli.Units;
import io.varve.client.Consumer;
import io.varve.client.ConsumerRecord;
import io.varve.client.ConsumerRecords;
import io.varve.client.OutOfRange;
import io.varve.client.TopicPartition;
import io.varve.client.VarveClient;
import io.varve.client.errors.WakeupException;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Prints the records of a plan until it is fulfilled, or until Ctrl-C. Confined to one thread. */
final class Reading {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration FAREWELL = Duration.ofSeconds(5);
    private static final int RECORDS_PER_POLL = 5_000;

    private final Console console;
    private final RecordPrinter printer;
    private final ReadPlan plan;
    private final long limit;
    private final Duration patience;

    // Those that are not read to their end yet.
    private final Map<TopicPartition, ReadPlan.Range> open;
    private final long startNanos = System.nanoTime();
    private long printed;
    private long printedBytes;

    Reading(Console console, ReadPlan plan, RecordPrinter printer, long limit, Duration patience) {
        this.console = console;
        this.plan = plan;
        this.printer = printer;
        this.limit = limit;
        this.patience = patience;
        this.open = new LinkedHashMap<>(plan.ranges());
    }

    void run(VarveClient client) throws IOException {
        AtomicBoolean interrupted = new AtomicBoolean();
        if (!open.isEmpty() && limit > 0) {
            try (Consumer<byte[], byte[]> consumer = client.consumer()
                            .maxPollRecords(RECORDS_PER_POLL)
                            .onOutOfRange(OutOfRange.FAIL)
                            .build();
                    Interruption interruption = Interruption.stopsBy(() -> stop(interrupted, consumer), FAREWELL)) {
                read(consumer, interrupted);
                finish(interrupted.get());
            }
        } else {
            finish(false);
        }
    }

    private void finish(boolean interrupted) throws IOException {
        try {
            printer.end();
            console.out().flush();
        } catch (IOException e) {
            throw new Console.OutputClosed(e);
        }
        if (interrupted || plan.follow()) {
            console.err()
                    .println(Units.grouped(printed)
                            + (printed == 1 ? " record, " : " records, ")
                            + Throughput.since(startNanos, printed, printedBytes));
        }
    }

    private static void stop(AtomicBoolean interrupted, Consumer<byte[], byte[]> consumer) {
        interrupted.set(true);
        consumer.wakeup();
    }

    private void read(Consumer<byte[], byte[]> consumer, AtomicBoolean interrupted) {
        consumer.assign(open.keySet());
        open.forEach((partition, range) -> consumer.seek(partition, range.begin()));
        long lastRecordNanos = System.nanoTime();
        try {
            while (!interrupted.get() && printed < limit && !open.isEmpty()) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
                if (records.isEmpty()) {
                    checkPatience(consumer, lastRecordNanos);
                } else {
                    lastRecordNanos = System.nanoTime();
                    print(records);
                }
                closeFinished(consumer);
            }
        } catch (WakeupException e) {
            // Ctrl-C.
        }
    }

    private void print(ConsumerRecords<byte[], byte[]> records) {
        try {
            for (TopicPartition partition : records.partitions()) {
                ReadPlan.Range range = open.get(partition);
                for (ConsumerRecord<byte[], byte[]> each : records.records(partition)) {
                    if (printed == limit || range == null || each.offset() >= range.end()) {
                        break;
                    }
                    printer.print(new ReadRecord(each, range.log(), printed));
                    printed++;
                    printedBytes += length(each.key()) + length(each.value());
                }
            }
            console.out().flush();
        } catch (IOException e) {
            throw new Console.OutputClosed(e);
        }
    }

    /** A partition may end without a record at its end: a control batch, or a compacted range. So positions decide. */
    private void closeFinished(Consumer<byte[], byte[]> consumer) {
        if (plan.follow()) {
            return;
        }
        List<TopicPartition> finished = open.entrySet().stream()
                .filter(entry ->
                        consumer.position(entry.getKey()) >= entry.getValue().end())
                .map(Map.Entry::getKey)
                .toList();
        if (!finished.isEmpty()) {
            consumer.pause(finished);
            finished.forEach(open::remove);
        }
    }

    /** What is below the high watermark is there: if it does not come, the cluster is in trouble. */
    private void checkPatience(Consumer<byte[], byte[]> consumer, long lastRecordNanos) {
        if (plan.follow() || System.nanoTime() - lastRecordNanos < patience.toNanos()) {
            return;
        }
        Map.Entry<TopicPartition, ReadPlan.Range> first =
                open.entrySet().iterator().next();
        TopicPartition waiting = first.getKey();
        throw new CommandFailure(
                ExitStatus.UNAVAILABLE,
                "REQUEST_TIMED_OUT",
                "no record of " + waiting + " for " + Units.seconds(patience.toMillis() / 1e3) + ", at offset "
                        + consumer.position(waiting) + " of " + first.getValue().end(),
                "is the node up? --timeout waits longer");
    }

    private static long length(byte @Nullable [] content) {
        return content == null ? 0 : content.length;
    }
}
