// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.config;

import io.varve.cli.CommandFailure;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;

/** Whose configs are meant. */
enum Kind {
    TOPIC,
    BROKER;

    /** Only topics can be changed while everything runs. */
    void requireChangeable(String name) {
        if (this == BROKER) {
            throw CommandFailure.usage(
                    "the settings of node " + name + " are in its file and its environment",
                    "change them there and restart the node; varve config get broker " + name
                            + " shows where each stands");
        }
    }

    /** A node is named by its number. */
    static int nodeId(String name) {
        if (!name.matches("[1-9]\\d{0,8}")) {
            throw CommandFailure.usage(
                    "'" + name + "' is not the number of a node", "varve broker list shows the nodes");
        }
        return Integer.parseInt(name);
    }

    /** Reads one from the command line. Stateless. */
    static final class Converter implements ITypeConverter<Kind> {
        @Override
        public Kind convert(String value) {
            return switch (value.toLowerCase(Locale.ROOT)) {
                case "topic", "topics" -> TOPIC;
                case "broker", "brokers", "node", "nodes" -> BROKER;
                default ->
                    throw CommandFailure.usage(
                            "'" + value + "' has no configs", "write topic or broker, and then its name");
            };
        }
    }
}
