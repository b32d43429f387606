// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import java.time.Duration;
import java.util.Map;
import java.util.Stack;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** {@code --watch[=TIME]} of commands that show something. Confined to the thread of the command. */
public final class WatchOptions {
    private static final String DEFAULT_INTERVAL = "2s";
    private static final String CLEAR_SCREEN = "\u001b[H\u001b[2J";

    @Option(
            names = "--watch",
            paramLabel = "TIME",
            arity = "0..1",
            fallbackValue = DEFAULT_INTERVAL,
            preprocessor = OnlyAttached.class,
            converter = Units.Time.class,
            description = "Show it again and again, every " + DEFAULT_INTERVAL + " or as often as said, until Ctrl-C.")
    private @Nullable Duration interval;

    /** Without {@code --watch} looks once, else until the look says that it was the last by not being OK to go on. */
    public interface Look {
        /** Shows what there is; its exit code is that of the command when it is the last look. */
        int show();

        /** Whether to look again. */
        default boolean again() {
            return true;
        }
    }

    public boolean watching() {
        return interval != null;
    }

    /** Looks; returns the exit code of the last look. A failure ends a watch like any command. */
    public int run(Console console, Look look) {
        Duration pause = interval;
        while (true) {
            if (pause != null && console.terminals().contains("1")) {
                console.print(CLEAR_SCREEN);
            }
            int code = look.show();
            if (pause == null || !look.again()) {
                return code;
            }
            LockSupport.parkNanos(pause.toNanos());
        }
    }

    /** {@code --watch T} means the topic T and not an interval: that one is attached, {@code --watch=1s}. Stateless. */
    static final class OnlyAttached implements IParameterPreprocessor {
        @Override
        public boolean preprocess(
                Stack<String> arguments, CommandSpec command, ArgSpec option, Map<String, Object> info) {
            if (!"=".equals(info.get("separator"))) {
                arguments.push(DEFAULT_INTERVAL);
            }
            return false;
        }
    }
}
