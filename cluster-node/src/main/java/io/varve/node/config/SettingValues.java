// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The settings given, taken one by one; collects every problem on the way. What nobody took at the end is unknown.
 * <i>Not thread-safe.</i>
 */
final class SettingValues {

    private static final Pattern INDEX = Pattern.compile("\\[\\d+]");

    private final Map<String, RawSetting> given;
    private final Set<String> taken = new TreeSet<>();
    private final Map<String, NodeSetting> effective = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();

    SettingValues(Map<String, RawSetting> given, List<String> problems) {
        this.given = given;
        this.problems.addAll(problems);
    }

    /** The value, or the key's fallback when it is absent or wrong; the latter two are noted where they are problems. */
    <T> T take(SettingKey<T> key) {
        RawSetting setting = takeRaw(key.name());
        T value = key.fallback();
        if (setting == null) {
            if (key.required()) {
                problem("%s is missing; it must be set".formatted(key.name()));
            }
        } else {
            try {
                value = key.parser().apply(setting.text());
            } catch (IllegalArgumentException e) {
                problem(setting, "%s (in %s)".formatted(e.getMessage(), setting.origin()));
            }
        }
        String origin = setting == null ? "" : setting.origin();
        String fallback = key.required() ? "" : NodeSetting.text(key.fallback());
        effective.put(key.name(), new NodeSetting(key.name(), NodeSetting.text(value), fallback, key.unit(), origin));
        return value;
    }

    @Nullable
    RawSetting takeRaw(String name) {
        taken.add(name);
        return given.get(name);
    }

    /** The elements of a list, also if it was given as one text with commas. */
    List<RawSetting> takeList(String name) {
        RawSetting whole = takeRaw(name);
        List<RawSetting> elements = new ArrayList<>();
        if (whole != null) {
            for (String part : whole.text().split(",", -1)) {
                elements.add(new RawSetting(name, part.strip(), whole.origin()));
            }
        }
        for (int i = 0; given.containsKey(name + "[" + i + "]"); i++) {
            elements.add(java.util.Objects.requireNonNull(takeRaw(name + "[" + i + "]")));
        }
        return elements;
    }

    /** Every setting whose name begins with the prefix. */
    Map<String, RawSetting> takePrefix(String prefix) {
        Map<String, RawSetting> found = new TreeMap<>();
        given.forEach((name, setting) -> {
            if (name.startsWith(prefix)) {
                taken.add(name);
                found.put(name.substring(prefix.length()), setting);
            }
        });
        return found;
    }

    /** A value that is more than what was written: resolved, or of several settings. */
    void show(String name, String value) {
        show(name, value, name);
    }

    /** @param written the name under which it was given, or the beginning of it */
    void show(String name, String value, String written) {
        NodeSetting known = effective.get(name);
        effective.put(
                name, known == null ? new NodeSetting(name, value, "", "", origin(written)) : known.withValue(value));
    }

    private String origin(String written) {
        return given.values().stream()
                .filter(setting ->
                        setting.name().equals(written) || setting.name().startsWith(written + "["))
                .findFirst()
                .map(RawSetting::origin)
                .orElse("");
    }

    void problem(RawSetting setting, String endOfSentence) {
        problem(setting.name() + " " + endOfSentence);
    }

    void problem(String sentence) {
        problems.add(sentence);
    }

    /** Notes a problem for each setting that nobody took, naming the nearest of the known names. */
    void noteUnknown(Set<String> knownNames) {
        for (RawSetting setting : given.values()) {
            if (!taken.contains(setting.name())) {
                String name = INDEX.matcher(setting.name()).replaceAll("[]");
                String meant = NearestName.of(name, knownNames)
                        .map(near -> "; did you mean " + near + "?")
                        .orElse("");
                problem("%s is not a setting (in %s)%s".formatted(setting.name(), setting.origin(), meant));
            }
        }
    }

    List<String> problems() {
        return problems;
    }

    /** Every setting, sorted by name. */
    List<NodeSetting> effective() {
        return List.copyOf(effective.values());
    }
}
