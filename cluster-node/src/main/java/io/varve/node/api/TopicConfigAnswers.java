// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.TopicImage;
import io.varve.metadata.topic.ConfigKey;
import io.varve.metadata.topic.TopicConfigs;
import io.varve.proto.v1.ChangedConfig;
import io.varve.proto.v1.ConfigSource;
import io.varve.proto.v1.ConfigValue;
import io.varve.proto.v1.TopicConfigChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Configs of topics as answers. Stateless. */
final class TopicConfigAnswers {

    private TopicConfigAnswers() {}

    static io.varve.proto.v1.TopicConfigs describe(MetadataImage image, String name) {
        var answer = io.varve.proto.v1.TopicConfigs.newBuilder().setTopic(name);
        Optional<TopicImage> topic = image.topic(name);
        if (topic.isEmpty()) {
            return answer.setError(TopicDescriptions.unknownTopic(name)).build();
        }
        TopicConfigs.all().values().forEach(key -> answer.addConfigs(value(topic.get(), key)));
        return answer.build();
    }

    private static ConfigValue value(TopicImage topic, ConfigKey key) {
        return ConfigValue.newBuilder()
                .setName(key.name())
                .setValue(TopicConfigs.value(topic, key.name()))
                .setDefaultValue(TopicConfigs.defaultValue(topic, key.name()))
                .setSource(source(topic.configs().containsKey(key.name())))
                .setUnit(key.unit())
                .setFixed(key.fixedAtCreation())
                .build();
    }

    static List<io.varve.proto.v1.ConfigKey> keys() {
        return TopicConfigs.all().values().stream()
                .map(key -> io.varve.proto.v1.ConfigKey.newBuilder()
                        .setName(key.name())
                        .setDefaultValue(key.defaultValue())
                        .setUnit(key.unit())
                        .setAllowed(key.kind().allowed())
                        .setMeaning(key.meaning())
                        .setTakesEffect(TopicConfigs.takesEffect(key.name()))
                        .build())
                .toList();
    }

    /** What was asked for, by name; nothing stands for the default. */
    static SortedMap<String, Optional<String>> changes(TopicConfigChange change) {
        SortedMap<String, Optional<String>> changes = new TreeMap<>();
        change.getSetMap().forEach((name, value) -> changes.put(name, Optional.of(value)));
        change.getUnsetList().forEach(name -> changes.put(name, Optional.empty()));
        return changes;
    }

    /** @param before the topic as it was, which has taken none of the changes, all of them sound */
    static List<ChangedConfig> changed(TopicImage before, SortedMap<String, Optional<String>> changes) {
        List<ChangedConfig> changed = new ArrayList<>();
        changes.forEach((name, value) -> changed.add(ChangedConfig.newBuilder()
                .setName(name)
                .setBefore(TopicConfigs.value(before, name))
                .setAfter(Objects.requireNonNull(value.orElseGet(() -> TopicConfigs.defaultValue(before, name))))
                .setSource(source(value.isPresent()))
                .setTakesEffect(TopicConfigs.takesEffect(name))
                .build()));
        return changed;
    }

    private static ConfigSource source(boolean isSet) {
        return isSet ? ConfigSource.CONFIG_SOURCE_TOPIC : ConfigSource.CONFIG_SOURCE_DEFAULT;
    }
}
