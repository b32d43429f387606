// SPDX-License-Identifier: Apache-2.0
package io.varve.it.history;

import io.varve.it.history.Finding.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares what a consumer was given while the faults happened with what is in the log after them: the same records at the same offsets, each once, up
 * to the end. <i>Stateless.</i>
 */
public final class LiveReads {
    private LiveReads() {}

    /**
     * @param consumer for messages
     * @param live what the consumer was given, in that order, from the beginning of the partition
     * @param log the whole partition as it is after the faults
     */
    public static List<Finding> check(
            String partition, String consumer, List<ConsumedRecord> live, List<ConsumedRecord> log) {
        List<Finding> findings = new ArrayList<>();
        String where = partition + ", " + consumer + ": ";
        long next = 0;
        for (ConsumedRecord record : live) {
            if (record.offset() < next) {
                findings.add(new Finding(
                        Kind.DUPLICATED, where + "offset " + record.offset() + " was given after " + (next - 1)));
            } else if (record.offset() > next) {
                findings.add(new Finding(
                        Kind.UNSEEN, where + "offsets " + next + " to " + (record.offset() - 1) + " were left out"));
            }
            next = Math.max(next, record.offset() + 1);
            int at = (int) record.offset();
            if (at >= log.size()) {
                findings.add(new Finding(
                        Kind.UNCOMMITTED_READ,
                        where + "record " + record.sequence() + " was given as offset " + record.offset()
                                + ", the log ends at " + log.size()));
            } else if (!log.get(at).equals(record)) {
                findings.add(new Finding(
                        Kind.UNCOMMITTED_READ,
                        where + "record " + record.sequence() + " was given as offset " + record.offset()
                                + ", where the log has record " + log.get(at).sequence()));
            }
        }
        if (next < log.size()) {
            findings.add(new Finding(Kind.UNSEEN, where + "nothing from offset " + next + " to " + log.size()));
        }
        return findings;
    }
}
