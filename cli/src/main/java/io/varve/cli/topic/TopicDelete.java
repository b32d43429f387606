// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.topic;

import io.varve.cli.Confirmation;
import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.ExitStatus;
import io.varve.cli.ItemFailures;
import io.varve.cli.OutputOptions;
import io.varve.cli.ProtoJson;
import io.varve.client.DeleteTopicResult;
import io.varve.client.VarveClient;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "delete", aliases = "rm", description = "Delete topics with all their records.")
final class TopicDelete implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Mixin
    private Confirmation confirmation = new Confirmation();

    @Parameters(paramLabel = "TOPIC", arity = "1..*", description = "Names.")
    private List<String> names = List.of();

    TopicDelete(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        String plan = "This deletes " + (names.size() == 1 ? "the topic " : "the topics ") + String.join(", ", names)
                + " with all records.";
        if (!confirmation.given(console, plan)) {
            console.println("nothing was done");
            return ExitStatus.OK.code();
        }
        List<DeleteTopicResult> results;
        try (VarveClient client = connection.client(console)) {
            results = client.admin().deleteTopics(names).join();
        }
        ItemFailures failures = new ItemFailures();
        int deleted = 0;
        for (DeleteTopicResult result : results) {
            if (failures.note(result.error())) {
                deleted++;
                if (!output.json()) {
                    console.println("deleted " + result.name());
                }
            }
        }
        if (output.json() && (deleted > 0 || results.size() > 1)) {
            console.println(ProtoJson.of(TopicAnswers.delete(results)));
        }
        return failures.finish(output.json(), console);
    }
}
