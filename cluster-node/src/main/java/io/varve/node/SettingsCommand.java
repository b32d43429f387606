// SPDX-License-Identifier: Apache-2.0
package io.varve.node;

import io.varve.node.config.SettingsHelp;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code varve node settings}: every setting there is. */
@Command(
        name = "settings",
        description = "Prints every setting with its default, its range, and who would change it.",
        mixinStandardHelpOptions = true)
final class SettingsCommand implements Callable<Integer> {

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() {
        SettingsHelp.lines().forEach(spec.commandLine().getOut()::println);
        spec.commandLine().getOut().flush();
        return 0;
    }
}
