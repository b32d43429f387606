// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal;

/** Checks of settings. */
final class Checks {
    private Checks() {}

    static void range(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " is " + value + ", allowed are " + min + " to " + max);
        }
    }
}
