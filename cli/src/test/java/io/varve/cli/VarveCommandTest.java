// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VarveCommandTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            topc list                 | 'topc' is not a command of varve              | did you mean varve topic?
            topic lst                 | 'lst' is not a command of varve topic         | did you mean varve topic list?
            topic crate t             | 'crate' is not a command of varve topic       | did you mean varve topic create?
            prodcue t                 | 'prodcue' is not a command of varve           | did you mean varve produce?
            xyzzy                     | 'xyzzy' is not a command of varve             | see varve --help
            topic list --bootstrp x   | '--bootstrp' is not an option of varve topic list | did you mean --bootstrap?
            produce t v extra         | 'extra' is one argument too many for varve produce | see varve produce --help
            produce                   | varve produce needs TOPIC                     | see varve produce --help
            topic create              | varve topic create needs TOPIC                | see varve topic create --help
            partition transfer-leader t:0 | varve partition transfer-leader needs --to    | see varve partition transfer-leader --help
            cluster                   | varve cluster needs a command: status, health | see varve cluster --help
            broker lst                | 'lst' is not a command of varve broker        | did you mean varve broker list?
            topic alter               | varve topic alter needs TOPIC                 | see varve topic alter --help
            config set topic t        | varve config set needs KEY=VALUE              | see varve config set --help
            config exlpain            | 'exlpain' is not a command of varve config    | did you mean varve config explain?
            local                     | varve local needs a command: up, status, down | see varve local --help
            """)
    void shouldNameTheMistakeAndTheWayOut(String line, String sentence, String hint) {
        CommandRun run = CommandRun.of(line.strip().split(" +"));

        assertThat(run.err()).isEqualTo("error: USAGE: " + sentence + "\nhint: " + hint + "\n");
        assertThat(run.exitCode()).isEqualTo(ExitStatus.USAGE.code());
        assertThat(run.out()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            produce t --acks 7              | INVALID_REQUIRED_ACKS | --acks must be 0, 1 or all, not '7'
            produce t v --from-file x       | USAGE | a VALUE cannot go with --from-file
            produce t v -f %v               | USAGE | a VALUE cannot go with --format
            produce t -H novalue            | USAGE | the header 'novalue' is not KEY=VALUE
            produce t -f %q                 | USAGE | unknown field %q in an input format
            produce t -z brotli             | USAGE | brotli
            consume t --from yesterday      | USAGE | 'yesterday' is not a position
            consume t -F --to 5             | USAGE | --follow has no end, --to 5 is one
            consume t -f %v -o jsonl        | USAGE | --format does not go with --output jsonl
            consume t -f %q                 | USAGE | unknown field %q in the format
            topic create t -p many          | USAGE | many
            topic create t --assignment 1,x | USAGE | '1,x' is not an assignment
            topic create t --assignment 1,2 -p 2 | USAGE | --assignment says how many partitions
            partition state t:x             | USAGE | 't:x' is not a partition
            partition transfer-leader t --to 2 | USAGE | 't' names a topic, and a partition is needed
            partition elect-preferred       | USAGE | needs partitions or --all
            partition elect-preferred t:0 --all | USAGE | and not both
            cluster health --watch=soon     | USAGE | 'soon' is not a duration
            topic list -r (                 | USAGE | '(' is not a regular expression
            topic list -o xml               | USAGE | xml
            topic delete t                  | USAGE | Nobody is here to be asked
            topic alter t                   | USAGE | nothing is to be changed
            topic alter t --set retention.ms | USAGE | 'retention.ms' is not KEY=VALUE
            topic alter t --set a=1 --set a=2 | USAGE | a is set twice
            topic trim t                    | USAGE | needs --before
            topic trim t --before yesterday | USAGE | 'yesterday' is not a position
            topic trim t:x --before end     | USAGE | 't:x' is not a partition
            config get topik t              | USAGE | 'topik' has no configs
            config get broker one           | USAGE | 'one' is not the number of a node
            config set broker 1 io.threads=4 | USAGE | the settings of node 1 are in its file
            local up --nodes 10             | USAGE | a local cluster has 1 to 9 nodes, not 10
            local up --port-base 70000      | USAGE | --port-base must be from 1 to 65326, not 70000
            bench produce --size 1parsec    | USAGE | '1parsec' is not a size
            completion fish                 | USAGE | fish
            """)
    void shouldRefuseBadArgumentsWithoutTalkingToAnybody(String line, String reason, String part) {
        System.setProperty("varve.launcher", "/nonexistent/varve");
        CommandRun run = CommandRun.of(line.strip().split(" +"));

        assertThat(run.err())
                .startsWith("error: " + reason + ": ")
                .contains(part)
                .doesNotContain("\tat ", "Exception");
        assertThat(run.err().lines().count()).isLessThanOrEqualTo(2);
        assertThat(run.exitCode()).isEqualTo(ExitStatus.USAGE.code());
    }

    @Test
    void shouldPrintHelpWhenThereIsNoCommand() {
        CommandRun run = CommandRun.of();

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Usage: varve", "First steps:");
    }

    @ParameterizedTest
    @CsvSource({
        "--help",
        "topic --help",
        "topic create -h",
        "produce -h",
        "consume --help",
        "local up -h",
        "cluster health -h",
        "quorum status -h",
        "broker list -h",
        "topic alter -h",
        "config get -h",
        "config explain -h",
        "partition state -h",
        "partition list -h",
        "bench produce -h"
    })
    void shouldPrintHelpOfEveryCommand(String line) {
        CommandRun run = CommandRun.of(line.split(" "));

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).startsWith("Usage: varve");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void shouldTellFailuresAsAnObjectWhenJsonIsAskedFor() throws IOException {
        CommandRun run = CommandRun.of("topic", "lits", "-o", "json");

        JsonNode error = new ObjectMapper().readTree(run.err());
        assertThat(error.get("code").asText()).isEqualTo("INVALID_ARGUMENT");
        assertThat(error.get("reason").asText()).isEqualTo("USAGE");
        assertThat(error.get("message").asText()).contains("'lits'");
        assertThat(error.get("hint").asText()).contains("did you mean varve topic list?");
        assertThat(error.get("metadata").isObject()).isTrue();
    }

    @Test
    void shouldSayWhichFileIsMissing() {
        CommandRun run = CommandRun.of("produce", "t", "--from-file", "/nonexistent/x.log");

        assertThat(run.err()).startsWith("error: NO_SUCH_FILE: there is no file /nonexistent/x.log\n");
        assertThat(run.exitCode()).isEqualTo(ExitStatus.NOT_FOUND.code());
    }

    @Test
    void shouldSayThatADirectoryIsNoFile() {
        CommandRun run = CommandRun.of("produce", "t", "--from-file", "/tmp");

        assertThat(run.err()).startsWith("error: USAGE: /tmp is a directory\n");
        assertThat(run.exitCode()).isEqualTo(ExitStatus.USAGE.code());
    }

    @Test
    void shouldReadTheBootstrapFromTheEnvironmentUnlessItIsGiven() {
        String invalid = "not an address";

        CommandRun fromVariable = CommandRun.with(Map.of("VARVE_BOOTSTRAP", invalid), "topic", "list");

        assertThat(fromVariable.err()).startsWith("error: USAGE: ").contains(invalid);
        assertThat(fromVariable.exitCode()).isEqualTo(ExitStatus.USAGE.code());
    }

    @Test
    void shouldReadTheBootstrapBeforeTheCommandUnlessTheCommandHasItsOwn() {
        assertThat(CommandRun.with(Map.of("VARVE_BOOTSTRAP", "variable"), "-b", "root", "topic", "list")
                        .err())
                .contains("'root'");
        assertThat(CommandRun.of("-b", "root", "topic", "list", "-b", "leaf").err())
                .contains("'leaf'");
    }

    @Test
    void shouldKnowItsVersion() {
        assertThat(CommandRun.of("version").out()).matches("varve \\d+\\.\\d+\\.\\d+\\S* \\(java .*\\)\n");
    }

    @Test
    void shouldPrintACompletionScriptThatKnowsTheCommands() {
        assertThat(CommandRun.of("completion", "bash").out()).contains("complete -F", "topic", "produce", "consume");
    }
}
