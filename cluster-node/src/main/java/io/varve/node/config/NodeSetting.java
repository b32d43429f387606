// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.util.Optional;

/**
 * One setting of a node as it is in force. <i>Immutable.</i>
 *
 * @param fallback what would be in force if nobody had said anything; empty if that depends, or if it must be said
 * @param unit of the value; empty for none
 * @param origin where it stands, {@code node.yaml:3} or the name of a variable; empty for a default
 */
public record NodeSetting(String name, String value, String fallback, String unit, String origin) {

    /** Whether anybody said something. */
    public boolean isSet() {
        return !origin.isEmpty();
    }

    public boolean isFromEnvironment() {
        return origin.startsWith(ConfigReader.ENVIRONMENT_PREFIX);
    }

    /** The value, and where it stands if that is anywhere. */
    String line() {
        return value + (isSet() ? "   # " + origin : "");
    }

    NodeSetting withValue(String resolved) {
        return new NodeSetting(name, resolved, fallback, unit, origin);
    }

    static String text(Object value) {
        return value instanceof Optional<?> optional
                ? optional.map(String::valueOf).orElse("")
                : String.valueOf(value);
    }
}
