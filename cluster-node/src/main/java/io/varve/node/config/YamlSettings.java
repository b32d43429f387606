// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Flattens a YAML document into dotted names. Nested and dotted spelling mean the same, so a key can be given twice
 * in ways that YAML itself does not see; each such key is a problem that names both lines.
 */
final class YamlSettings {

    private static final YAMLFactory YAML = new YAMLFactory();

    private final String fileName;
    private final Map<String, RawSetting> settings = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    private YamlSettings(String fileName) {
        this.fileName = fileName;
    }

    /** Reads the document; what is wrong with it is in {@link #problems()}. A byte order mark and CR LF are accepted. */
    static YamlSettings read(String fileName, String document) {
        YamlSettings result = new YamlSettings(fileName);
        String text = document.startsWith("\uFEFF") ? document.substring(1) : document;
        try (YAMLParser parser = YAML.createParser(text)) {
            result.document(parser);
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            result.problems.add("%s%s: this is not YAML: %s"
                    .formatted(fileName, at == null ? "" : ":" + at.getLineNr(), oneLine(e.getOriginalMessage())));
        } catch (IOException e) {
            throw new IllegalStateException("reading from a string failed", e);
        }
        return result;
    }

    Map<String, RawSetting> settings() {
        return settings;
    }

    List<String> problems() {
        return problems;
    }

    private void document(YAMLParser parser) throws IOException {
        JsonToken first = parser.nextToken();
        if (first == null || first == JsonToken.VALUE_NULL) {
            return;
        }
        if (first != JsonToken.START_OBJECT) {
            problems.add(at(parser) + ": a configuration is a list of KEY: VALUE lines, but this is not");
            return;
        }
        object("", parser);
        if (parser.nextToken() != null) {
            problems.add(at(parser) + ": a second YAML document begins here; a configuration is one document");
        }
    }

    private void object(String prefix, YAMLParser parser) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = prefix.isEmpty() ? parser.currentName() : prefix + "." + parser.currentName();
            parser.nextToken();
            value(name, parser);
        }
    }

    private void value(String name, YAMLParser parser) throws IOException {
        switch (parser.currentToken()) {
            case START_OBJECT -> object(name, parser);
            case START_ARRAY -> {
                for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
                    value(name + "[" + i + "]", parser);
                }
            }
            case VALUE_NULL -> problems.add(at(parser) + ": " + name + " has no value");
            default -> put(new RawSetting(name, parser.getText(), at(parser)));
        }
    }

    private void put(RawSetting setting) {
        RawSetting earlier = settings.putIfAbsent(setting.name(), setting);
        if (earlier != null) {
            problems.add(
                    "%s is given twice, at %s and at %s".formatted(setting.name(), earlier.origin(), setting.origin()));
        }
    }

    private String at(YAMLParser parser) {
        return fileName + ":" + parser.currentTokenLocation().getLineNr();
    }

    private static String oneLine(String message) {
        int end = message.indexOf('\n');
        return (end < 0 ? message : message.substring(0, end)).strip();
    }
}
