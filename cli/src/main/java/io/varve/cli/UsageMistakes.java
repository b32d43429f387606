// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what picocli says about a command line into one sentence with a way out. Stateless. */
final class UsageMistakes {
    private UsageMistakes() {}

    static CommandFailure describe(ParameterException mistake) {
        CommandLine command = mistake.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        if (mistake.getCause() instanceof CommandFailure failure) {
            return failure;
        }
        if (mistake instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            return unmatched(unmatched.getUnmatched().get(0), command, name);
        }
        String hint = "see " + name + " --help";
        if (mistake instanceof MissingParameterException missing
                && !missing.getMissing().isEmpty()) {
            List<String> labels = new ArrayList<>();
            missing.getMissing().forEach(argument -> labels.add(label(argument)));
            return CommandFailure.usage(name + " needs " + String.join(" and ", labels), hint);
        }
        return CommandFailure.usage(sentence(mistake), hint);
    }

    private static String label(CommandLine.Model.ArgSpec argument) {
        return argument.isOption()
                ? ((CommandLine.Model.OptionSpec) argument).longestName()
                : argument.paramLabel().replaceAll("[\\[\\]<>]|\\.\\.\\.", "").strip();
    }

    private static CommandFailure unmatched(String word, CommandLine command, String name) {
        boolean option = word.startsWith("-");
        Collection<String> known =
                option ? options(command) : command.getSubcommands().keySet();
        String wrong = option ? word.replaceFirst("=.*", "") : word;
        if (!option && known.isEmpty()) {
            return CommandFailure.usage(
                    "'" + word + "' is one argument too many for " + name, "see " + name + " --help");
        }
        Optional<String> meant = Nearest.of(wrong, known);
        return CommandFailure.usage(
                "'" + wrong + "' is not " + (option ? "an option" : "a command") + " of " + name,
                meant.map(nearest -> "did you mean " + (option ? nearest : name + " " + nearest) + "?")
                        .orElse("see " + name + " --help"));
    }

    private static Set<String> options(CommandLine command) {
        Set<String> names = new LinkedHashSet<>();
        command.getCommandSpec().options().stream()
                .filter(option -> !option.hidden())
                .forEach(option -> names.addAll(List.of(option.names())));
        return names;
    }

    /** Picocli ends a conversion's message with the name of the exception's class in some cases. */
    private static String sentence(ParameterException mistake) {
        String text = String.valueOf(mistake.getMessage());
        return text.isEmpty() ? "the command line makes no sense" : text;
    }
}
