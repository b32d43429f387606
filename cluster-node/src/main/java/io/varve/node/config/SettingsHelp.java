// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.util.ArrayList;
import java.util.List;

/** Every setting, for people. */
public final class SettingsHelp {

    private SettingsHelp() {}

    /**
     * One setting.
     *
     * @param fallback what holds while nobody says anything; empty where it must be said
     * @param unit of the value; empty for none
     * @param allowed which values there are
     * @param reader who would change it
     */
    public record Entry(String name, String fallback, String unit, String allowed, String reader) {

        private List<String> lines() {
            String shown = fallback.isEmpty() ? "\"\"" : fallback;
            String facts = fallback.equals(REQUIRED) ? REQUIRED : "default " + shown;
            return List.of(
                    name + ": " + facts + (unit.isEmpty() ? "" : " " + unit) + ", " + allowed, "    for " + reader);
        }
    }

    /** In place of a default. */
    public static final String REQUIRED = "required";

    /** All of them, in the order of the documentation. */
    public static List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        for (SettingKey<?> key : SettingKeys.ALL) {
            String fallback = key.required() ? REQUIRED : NodeSetting.text(key.fallback());
            entries.add(new Entry(key.name(), fallback, key.unit(), key.range(), key.reader()));
        }
        entries.add(new Entry(
                "storage.directories",
                REQUIRED,
                "",
                "a list of one path",
                "whoever installs the node: where logs and their small files are"));
        entries.add(new Entry(
                "listeners",
                "[{name: public, bind: \"127.0.0.1:7171\"}]",
                "",
                "a list of {name, bind, advertised}",
                "whoever lets clients in from other machines or networks"));
        entries.add(new Entry(
                QuorumSettings.VOTERS,
                "this node alone",
                "",
                "a list of 1, 3 or 5 ID@HOST:RAFT_PORT:PEER_PORT",
                "whoever runs several nodes: which of them keep the metadata, the same on every node"));
        entries.add(new Entry(
                "topic.default.CONFIG",
                "",
                "",
                "any topic config",
                "whoever wants topics to be created with other configs than Varve's"));
        return entries;
    }

    /** Two lines for each: what it is, and who would change it. */
    public static List<String> lines() {
        return entries().stream().flatMap(entry -> entry.lines().stream()).toList();
    }
}
