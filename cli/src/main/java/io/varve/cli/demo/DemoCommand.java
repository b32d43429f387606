// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.demo;

import io.varve.cli.CommandFailure;
import io.varve.cli.Console;
import io.varve.cli.ExitStatus;
import io.varve.cli.Interruption;
import io.varve.cli.Units;
import io.varve.cli.local.TemporaryCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description = {
            "Start three nodes of its own, kill a leader while records are written and read, bring it back, and check that"
                    + " every acknowledged record was read once and is in each replica's log.",
            "Touches no other cluster and leaves nothing behind. Exit code 0 if nothing is missing and no send failed.",
        })
public final class DemoCommand implements Callable<Integer> {
    private static final int DEFAULT_RECORDS = 20_000;
    private static final int MAX_RECORDS = 5_000_000;
    private static final int NODES = 3;

    private final Console console;

    @Option(names = "--input", paramLabel = "FILE", description = "Send the lines of this file instead of made events.")
    private @Nullable Path input;

    @Option(
            names = "--records",
            paramLabel = "N",
            converter = Units.Count.class,
            description =
                    "How many records to send (default: 20k, or the lines of the file; more than it has begin again).")
    private @Nullable Long records;

    @Option(names = "--keep", description = "Keep the nodes' directories and a ledger of all records, and say where.")
    private boolean keep;

    DemoCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        int count = count();
        AtomicBoolean interrupted = new AtomicBoolean();
        try (RecordValues values = input == null ? RecordValues.events() : RecordValues.lines(input);
                TemporaryCluster cluster = TemporaryCluster.create(console, "varve-demo-", NODES, keep)) {
            DemoRun run = new DemoRun(console, cluster, count);
            try (Interruption interruption =
                    Interruption.stopsBy(() -> interrupt(interrupted, cluster, run), Duration.ZERO)) {
                boolean clean = run(run, values, cluster);
                return clean ? ExitStatus.OK.code() : ExitStatus.FAILURE.code();
            }
        } catch (Console.OutputClosed e) {
            throw new CommandFailure(
                    ExitStatus.FAILURE, "IO_ERROR", "standard output was closed before anything was checked", "");
        } catch (IOException | RuntimeException e) {
            if (interrupted.get()) {
                // The nodes were taken away under our feet; the exit code is that of the signal.
                return ExitStatus.FAILURE.code();
            }
            throw e;
        }
    }

    private boolean run(DemoRun run, RecordValues values, TemporaryCluster cluster) throws IOException {
        try {
            return run.run(values);
        } finally {
            // While a signal still has somebody who hears it.
            cluster.close();
            keepLedger(run);
        }
    }

    private void interrupt(AtomicBoolean interrupted, TemporaryCluster cluster, DemoRun run) {
        interrupted.set(true);
        cluster.close();
        keepLedger(run);
    }

    private void keepLedger(DemoRun run) {
        if (keep) {
            run.writeLedger();
        }
    }

    private int count() throws IOException {
        long lines = input == null ? DEFAULT_RECORDS : RecordValues.countLines(input);
        if (lines == 0) {
            throw CommandFailure.usage(input + " has no lines", "leave --input away for made events");
        }
        long wanted = records == null ? Math.min(lines, MAX_RECORDS) : records;
        if (wanted < 1 || wanted > MAX_RECORDS) {
            throw CommandFailure.usage(
                    "--records must be from 1 to " + Units.grouped(MAX_RECORDS) + ", not " + Units.grouped(wanted),
                    "leave it away for " + Units.grouped(DEFAULT_RECORDS));
        }
        return (int) wanted;
    }
}
