// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.varve.cli.CommandFailure;
import io.varve.cli.ExitStatus;
import io.varve.cli.local.TemporaryCluster;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads what stopped nodes have on disk. Stateless. */
final class ReplicaLogs {
    private static final ObjectReader JSON = new JsonMapper().readerFor(JsonNode.class);

    private ReplicaLogs() {}

    /** Every record in a node's log files of the topic, by a process of the node's own program. */
    static Sightings read(TemporaryCluster cluster, int node, String topicId, Ledger ledger) throws IOException {
        Sightings sightings = new Sightings(ledger.records(), ledger.partitionCount());
        Process dump = cluster.dumpRecords(node, topicId);
        try (BufferedReader lines = dump.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode record = JSON.readTree(line);
                String log = record.path("log").asText();
                sightings.saw(
                        Integer.parseInt(log.substring(log.lastIndexOf('-') + 1)),
                        record.path("offset").asLong(),
                        bytes(record, "key"),
                        bytes(record, "value"));
            }
            if (dump.waitFor() != 0) {
                throw new CommandFailure(
                        ExitStatus.FAILURE,
                        "LOG_UNREADABLE",
                        "the log of node " + node + " could not be read whole",
                        "varve demo --keep keeps it; varve debug dump-segment shows what is wrong");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return sightings;
    }

    private static byte @Nullable [] bytes(JsonNode record, String name) throws IOException {
        JsonNode binary = record.get(name + "Base64");
        if (binary != null) {
            return binary.binaryValue();
        }
        JsonNode text = record.get(name);
        return text == null || text.isNull() ? null : text.asText().getBytes(StandardCharsets.UTF_8);
    }
}
