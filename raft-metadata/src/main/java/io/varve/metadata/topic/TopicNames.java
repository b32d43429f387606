// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.topic;

import java.util.Optional;

/** What a topic may be called. */
public final class TopicNames {

    /** In characters. */
    public static final int MAX_LENGTH = 249;

    /** Names that begin so are the cluster's own. */
    public static final String INTERNAL_PREFIX = "__";

    private TopicNames() {}

    /** What is wrong with this name, as a sentence; empty if nothing is. */
    public static Optional<String> problem(String name, boolean internal) {
        if (name.isEmpty()) {
            return Optional.of("a topic's name must not be empty");
        }
        if (name.length() > MAX_LENGTH) {
            return Optional.of("topic name of " + name.length() + " characters, the most is " + MAX_LENGTH);
        }
        if (name.equals(".") || name.equals("..")) {
            return Optional.of("topic name \"" + name + "\" is reserved");
        }
        for (int i = 0; i < name.length(); i++) {
            if (!allowed(name.charAt(i))) {
                return Optional.of("topic name \"" + printable(name) + "\": character " + describe(name, i)
                        + " at position " + i + " is not one of A-Z a-z 0-9 . _ -");
            }
        }
        if (!internal && name.startsWith(INTERNAL_PREFIX)) {
            return Optional.of("topic name \"" + name + "\": names beginning with \"" + INTERNAL_PREFIX
                    + "\" are kept for the cluster itself");
        }
        return Optional.empty();
    }

    private static boolean allowed(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '_'
                || c == '-';
    }

    private static String describe(String name, int at) {
        int c = name.codePointAt(at);
        return c > 0x20 && c < 0x7f ? "'" + (char) c + "'" : String.format("U+%04X", c);
    }

    /** Safe to be printed: what is not plain ASCII could forge a line of a log. */
    private static String printable(String name) {
        var out = new StringBuilder();
        name.codePoints().forEach(c -> out.append(c >= 0x20 && c < 0x7f ? Character.toString(c) : "?"));
        return out.toString();
    }
}
