// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import picocli.CommandLine.Option;

/** {@code -y} of every command that destroys something. Confined to the thread of the command. */
public final class Confirmation {
    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean yes;

    /**
     * Whether to go on: by the option, or because the user says so. Where nobody can be asked, that is a usage error and
     * never a wait.
     */
    public boolean given(Console console, String plan) throws IOException {
        if (yes) {
            return true;
        }
        if (!console.canAsk()) {
            throw CommandFailure.usage(plan + " Nobody is here to be asked.", "add -y to do it");
        }
        console.err().print(plan + " Go on? [y/N] ");
        console.err().flush();
        StringBuilder answer = new StringBuilder();
        for (int c = console.in().read(); c != '\n' && c >= 0; c = console.in().read()) {
            answer.append(new String(new byte[] {(byte) c}, StandardCharsets.ISO_8859_1));
        }
        return answer.toString().strip().toLowerCase(Locale.ROOT).matches("y|yes");
    }
}
