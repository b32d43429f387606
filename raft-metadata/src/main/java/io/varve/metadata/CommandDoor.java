// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata;

import io.varve.metadata.command.MetadataCommand;
import java.util.concurrent.CompletableFuture;

/** Where commands for the active controller go in, wherever it is. *Thread-safe.* */
@FunctionalInterface
public interface CommandDoor {

    /**
     * Completes when the command was applied and this node's image has it; a refusal by the machine is an answer. Fails
     * with a {@link MetadataRejection} when it was not taken as a whole, or when nobody knows.
     */
    CompletableFuture<ApplyReply> execute(MetadataCommand command);
}
