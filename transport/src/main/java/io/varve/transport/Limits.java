// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import java.time.Duration;

/** Checks of settings, with messages that name the setting and both numbers. */
final class Limits {
    private Limits() {}

    static void atLeast(String name, int value, int minimum) {
        if (value < minimum) {
            throw new IllegalArgumentException(name + " is " + value + ", at least " + minimum + " is needed");
        }
    }

    static void positive(String name, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(name + " is " + value + ", it must be above zero");
        }
    }
}
