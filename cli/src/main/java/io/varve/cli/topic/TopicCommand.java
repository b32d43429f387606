// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.topic;

import io.varve.cli.VarveCommand;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "topic",
        aliases = "topics",
        description = "Create, list, describe, alter, trim and delete topics.",
        subcommands = {
            TopicCreate.class,
            TopicList.class,
            TopicDescribe.class,
            TopicAlter.class,
            TopicTrim.class,
            TopicDelete.class
        })
public final class TopicCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        throw VarveCommand.missingVerb(Objects.requireNonNull(spec).commandLine());
    }
}
