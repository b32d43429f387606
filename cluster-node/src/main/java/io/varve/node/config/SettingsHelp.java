// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Every setting, for people. */
public final class SettingsHelp {

    private SettingsHelp() {}

    /** A line for each setting and one for what is special about it, in the order of the documentation. */
    public static List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (SettingKey<?> key : SettingKeys.ALL) {
            String unit = key.unit().isEmpty() ? "" : " " + key.unit();
            String fallback = key.required() ? "required" : "default " + quoted(key.fallback());
            add(lines, key.name(), fallback + unit + ", " + key.range(), key.reader());
        }
        add(
                lines,
                "storage.directories",
                "required, a list of one path",
                "whoever installs the node: where logs and their small files are");
        add(
                lines,
                "listeners",
                "default [{name: public, bind: \"127.0.0.1:7171\"}], a list of {name, bind, advertised}",
                "whoever lets clients in from other machines or networks");
        add(
                lines,
                QuorumSettings.VOTERS,
                "default this node alone, a list of 1, 3 or 5 ID@HOST:RAFT_PORT:PEER_PORT",
                "whoever runs several nodes: which of them keep the metadata, the same on every node");
        add(
                lines,
                "topic.default.CONFIG",
                "any topic config",
                "whoever wants topics to be created with other configs than Varve's");
        return lines;
    }

    private static void add(List<String> lines, String name, String facts, String reader) {
        lines.add(name + ": " + facts);
        lines.add("    for " + reader);
    }

    private static String quoted(Object value) {
        String text = value.equals(Optional.empty()) ? "" : String.valueOf(value);
        return text.isEmpty() ? "\"\"" : text;
    }
}
