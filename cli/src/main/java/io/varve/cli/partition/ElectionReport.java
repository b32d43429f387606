// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.partition;

import io.varve.cli.Console;
import io.varve.cli.ItemFailures;
import io.varve.cli.OutputOptions;
import io.varve.cli.ProtoJson;
import io.varve.cli.Table;
import io.varve.proto.v1.ElectLeadersResponse;
import io.varve.proto.v1.ElectionResult;

/** What became of elections. Stateless. */
final class ElectionReport {
    private static final String NOT_NEEDED = "ERROR_REASON_ELECTION_NOT_NEEDED";

    private ElectionReport() {}

    /** Ends the command. A partition that is led as wanted already is no failure. */
    static int print(ElectLeadersResponse answer, OutputOptions output, Console console) {
        ItemFailures failures = new ItemFailures();
        Table table = new Table("TOPIC", ">PARTITION", ">LEADER", ">EPOCH", "STATUS");
        int rows = 0;
        for (ElectionResult result : answer.getResultsList()) {
            boolean unneeded =
                    result.hasError() && result.getError().getReason().name().equals(NOT_NEEDED);
            if (failures.note(result.hasError() && !unneeded, result.getError())) {
                rows++;
                table.row(
                        result.getTopic(),
                        result.getPartition(),
                        result.getLeader(),
                        result.getLeaderEpoch(),
                        unneeded ? "leads already" : "elected");
            }
        }
        if (output.json()) {
            if (rows > 0 || answer.getResultsCount() != 1) {
                console.println(ProtoJson.of(answer));
            }
        } else if (rows > 0) {
            console.print(table.render());
        }
        return failures.finish(output.json(), console);
    }
}
