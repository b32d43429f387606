// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.topic;

import java.util.List;
import java.util.Optional;

/**
 * One setting of topics. *Immutable.*
 *
 * @param name Kafka's, wherever Kafka has it
 * @param defaultValue what holds while nothing was set; empty where it depends on the topic
 * @param meaning one sentence, with the unit
 */
public record ConfigKey(String name, Kind kind, String defaultValue, boolean fixedAtCreation, String meaning) {

    /** Which values there are. */
    public sealed interface Kind {

        /** For people: the words, or the bounds. */
        String allowed();
    }

    /** A whole number from {@code min} to {@code max}, both inclusive. */
    public record WholeNumber(long min, long max) implements Kind {
        @Override
        public String allowed() {
            return min + " to " + max;
        }
    }

    /** One of a few words. */
    public record OneOf(List<String> words) implements Kind {
        public OneOf {
            words = List.copyOf(words);
        }

        @Override
        public String allowed() {
            return String.join(", ", words);
        }
    }

    /** A number from 0 to 1. */
    public record Ratio() implements Kind {
        @Override
        public String allowed() {
            return "0 to 1";
        }
    }

    /** Of the value, as its name says; empty for none. */
    public String unit() {
        return name.endsWith(".ms") ? "ms" : name.endsWith(".bytes") ? "bytes" : "";
    }

    /** What is wrong with this value, as a sentence; empty if nothing is. */
    public Optional<String> problem(String value) {
        if (kind instanceof OneOf oneOf) {
            return oneOf.words().contains(value)
                    ? Optional.empty()
                    : Optional.of(name + " = \"" + value + "\" is not one of: " + oneOf.allowed());
        }
        return kind instanceof WholeNumber range ? wholeNumberProblem(range, value) : ratioProblem(value);
    }

    private Optional<String> ratioProblem(String value) {
        try {
            double number = Double.parseDouble(value);
            return number >= 0 && number <= 1
                    ? Optional.empty()
                    : Optional.of(name + " = " + value + " is out of range: " + kind.allowed());
        } catch (NumberFormatException e) {
            return Optional.of(name + " = \"" + value + "\" is not a number");
        }
    }

    private Optional<String> wholeNumberProblem(WholeNumber range, String value) {
        try {
            long number = Long.parseLong(value);
            return range.min() <= number && number <= range.max()
                    ? Optional.empty()
                    : Optional.of(name + " = " + number + " is out of range: " + range.allowed());
        } catch (NumberFormatException e) {
            return Optional.of(name + " = \"" + value + "\" is not a whole number");
        }
    }
}
