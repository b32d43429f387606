// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

/** When a producer hears that its records were taken. */
public enum Acks {
    /** Never, unless they are refused: a send is complete once it has been handed to the connection. */
    NONE("0"),
    /** When the leader has them, on disk or in the page cache by the topic's durability. May still be lost with it. */
    LEADER("1"),
    /** When they are committed: {@code min.insync.replicas} nodes have them. The default. */
    ALL("all");

    private final String text;

    Acks(String text) {
        this.text = text;
    }

    /**
     * Reads Kafka's spellings {@code 0}, {@code 1}, {@code all} and {@code -1}.
     *
     * @throws IllegalArgumentException for anything else, naming what is allowed
     */
    public static Acks parse(String text) {
        return switch (text) {
            case "0" -> NONE;
            case "1" -> LEADER;
            case "all", "-1" -> ALL;
            default -> throw new IllegalArgumentException("acks=" + text + " is not one of 0, 1, all");
        };
    }

    /** The spelling that {@link #parse} reads. */
    @Override
    public String toString() {
        return text;
    }
}
