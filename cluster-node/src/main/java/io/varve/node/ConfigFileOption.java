// SPDX-License-Identifier: Apache-2.0
package io.varve.node;

import io.varve.metadata.topic.TopicConfigs;
import io.varve.node.bootstrap.StartFailure;
import io.varve.node.bootstrap.StartFailure.Reason;
import io.varve.node.config.ConfigException;
import io.varve.node.config.ConfigReader;
import io.varve.node.config.LoadedConfig;
import java.nio.file.Path;
import java.util.Set;
import picocli.CommandLine.Option;

/** {@code --config FILE}, shared by the commands. */
final class ConfigFileOption {

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "the node's configuration, YAML; every key also as VARVE_NODE_<KEY>")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path file;

    LoadedConfig load() throws StartFailure {
        try {
            return new ConfigReader(System.getenv(), new TopicDefaultsOfMachine()).readFile(file);
        } catch (ConfigException e) {
            throw new StartFailure(
                    Reason.INVALID_CONFIG,
                    String.join("\n", e.problems()),
                    "correct " + file + " (or the variable named) and start again");
        }
    }

    Path file() {
        return file;
    }

    /** The topic configs that the metadata machine knows. */
    private static final class TopicDefaultsOfMachine implements ConfigReader.TopicDefaults {

        @Override
        public Set<String> names() {
            return TopicConfigs.all().keySet();
        }

        @Override
        public String problem(String name, String value) {
            return TopicConfigs.problem(name, value).orElse("");
        }
    }
}
