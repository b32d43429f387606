// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

/** How an answer is printed. {@code JSON} is for programs: raw integers, stable names. */
public enum OutputStyle {
    TABLE,
    JSON;

    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
