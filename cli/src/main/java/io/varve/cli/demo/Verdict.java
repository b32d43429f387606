// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.demo;

import io.varve.cli.Console;
import io.varve.cli.Failures;
import io.varve.cli.Units;
import java.util.Map;

/**
 * The end of the demo. Immutable.
 *
 * @param read what the consumer found
 * @param replicas what is in the log of each node
 */
record Verdict(Ledger ledger, Pauses pauses, double startSeconds, Comparison read, Map<String, Comparison> replicas) {

    /** Prints the summary; true if everything was acknowledged, and is everywhere it has to be, once. */
    boolean tell(Console console) {
        long lost = read.lost();
        long duplicated = read.duplicated();
        for (Comparison replica : replicas.values()) {
            lost = Math.max(lost, replica.lost());
            duplicated = Math.max(duplicated, replica.duplicated());
        }
        line(
                console,
                "acknowledged",
                Units.grouped(ledger.acknowledgedCount()) + " of " + Units.grouped(ledger.records())
                        + (ledger.failedCount() == 0 ? "" : ", failed " + Units.grouped(ledger.failedCount())));
        line(console, "read", Units.grouped(read.records()));
        line(console, "lost", Units.grouped(lost));
        line(console, "duplicated", Units.grouped(duplicated));
        line(
                console,
                "longest pause",
                Units.grouped(pauses.longestMillis()) + "ms, in partition " + pauses.longestPartition());
        line(console, "three nodes up", Units.seconds(startSeconds));
        boolean clean = ledger.acknowledgedCount() == ledger.records()
                && ledger.failedCount() == 0
                && read.isClean()
                && replicas.values().stream().allMatch(Comparison::isClean);
        replicas.forEach((name, replica) ->
                line(console, "log of " + name, Units.grouped(replica.records()) + " records, " + replica.wrongs()));
        if (!clean) {
            complain(console);
        }
        return clean;
    }

    private void complain(Console console) {
        Throwable failure = ledger.firstFailure();
        if (failure != null) {
            console.err().println("error: SEND_FAILED: " + Failures.of(failure).message());
        }
        if (ledger.acknowledgedCount() != ledger.records() && failure == null) {
            console.err()
                    .println("error: NOT_ACKNOWLEDGED: "
                            + Units.grouped(ledger.records() - ledger.acknowledgedCount())
                            + " records were not acknowledged");
        }
        if (!read.isClean()) {
            console.err().println("error: LOG_DIFFERS: what was read: " + read.wrongs());
        }
        replicas.forEach((name, replica) -> {
            if (!replica.isClean()) {
                console.err().println("error: LOG_DIFFERS: the log of " + name + ": " + replica.wrongs());
            }
        });
        console.err().println("hint: varve demo --keep keeps the nodes' directories and the ledger");
    }

    private static void line(Console console, String name, String value) {
        console.println("%-15s %s".formatted(name, value));
    }
}
