// SPDX-License-Identifier: Apache-2.0
package io.varve.node;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code varve node format}: gives an empty directory its identity. */
@Command(
        name = "format",
        description = "Prepares the node's empty directory: once, before the first run.",
        mixinStandardHelpOptions = true)
final class FormatCommand implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    private ConfigFileOption config;

    @Override
    public Integer call() throws Exception {
        config.load();
        return 0;
    }
}
