// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import picocli.CommandLine.Option;

/** {@code -o} of every command that lists something. Confined to the thread of the command. */
public final class OutputOptions {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "table|json",
            defaultValue = "table",
            description = "Output format: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private OutputStyle style = OutputStyle.TABLE;

    public boolean json() {
        return style == OutputStyle.JSON;
    }
}
