// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code listeners}: in YAML a list of {@code {name, bind, advertised}}; as one text (environment) {@code
 * NAME=BIND} or {@code NAME=BIND@ADVERTISED}, separated by commas.
 */
final class ListenerSettings {

    static final Set<String> NAMES = Set.of("listeners[].name", "listeners[].bind", "listeners[].advertised");
    private static final String KEY = "listeners";
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,31}");
    private static final HostPort DEFAULT_BIND = new HostPort("127.0.0.1", 7171);

    private final SettingValues values;
    private final List<ListenerConfig> listeners = new ArrayList<>();
    private final Set<String> seenNames = new HashSet<>();

    private ListenerSettings(SettingValues values) {
        this.values = values;
    }

    static List<ListenerConfig> take(SettingValues values) {
        return new ListenerSettings(values).take();
    }

    private List<ListenerConfig> take() {
        RawSetting text = values.takeRaw(KEY);
        if (text != null) {
            for (String part : text.text().split(",", -1)) {
                addText(new RawSetting(KEY, part.strip(), text.origin()));
            }
        }
        for (int i = 0; takeElement(KEY + "[" + i + "]"); i++) {
            // every element adds itself
        }
        if (listeners.isEmpty()) {
            listeners.add(new ListenerConfig("public", DEFAULT_BIND, DEFAULT_BIND));
        }
        for (ListenerConfig l : listeners) {
            values.show(KEY + "." + l.name(), "bind " + l.bind() + ", advertised " + l.advertised(), KEY);
        }
        return listeners;
    }

    private boolean takeElement(String prefix) {
        RawSetting name = values.takeRaw(prefix + ".name");
        RawSetting bind = values.takeRaw(prefix + ".bind");
        RawSetting advertised = values.takeRaw(prefix + ".advertised");
        RawSetting text = values.takeRaw(prefix);
        if (text != null) {
            addText(text);
            return true;
        }
        if (name == null && bind == null && advertised == null) {
            return false;
        }
        if (bind == null) {
            values.problem(prefix + " has no bind address; add bind: HOST:PORT");
            return true;
        }
        String listenerName = name == null ? "public" : name.text();
        add(Objects.requireNonNullElse(name, bind), listenerName, bind, advertised);
        return true;
    }

    private void addText(RawSetting setting) {
        int equals = setting.text().indexOf('=');
        int at = setting.text().indexOf('@', equals + 1);
        String name =
                equals < 0 ? "public" : setting.text().substring(0, equals).strip();
        String bind =
                setting.text().substring(equals + 1, at < 0 ? setting.text().length() : at);
        RawSetting advertised =
                at < 0 ? null : new RawSetting(setting.name(), setting.text().substring(at + 1), setting.origin());
        add(setting, name, new RawSetting(setting.name(), bind, setting.origin()), advertised);
    }

    private void add(RawSetting named, String name, RawSetting bind, @Nullable RawSetting advertised) {
        if (!NAME.matcher(name).matches()) {
            values.problem(named, "must begin with a letter and have only a-z 0-9 -, but is '" + name + "'");
        }
        if (!seenNames.add(name)) {
            values.problem(named, "must be unique, but two listeners are called '" + name + "'");
        }
        HostPort bound = address(bind, DEFAULT_BIND);
        HostPort told = advertised == null ? bound : address(advertised, bound);
        if (told.isWildcard()) {
            values.problem(
                    advertised == null ? bind : advertised,
                    "(%s) is no address that clients can connect to; set advertised to one that they can reach"
                            .formatted(told));
        }
        listeners.add(new ListenerConfig(name, bound, told));
    }

    private HostPort address(RawSetting setting, HostPort fallback) {
        try {
            return HostPort.parse(setting.text().strip());
        } catch (IllegalArgumentException e) {
            values.problem(setting, "%s (in %s)".formatted(e.getMessage(), setting.origin()));
            return fallback;
        }
    }
}
