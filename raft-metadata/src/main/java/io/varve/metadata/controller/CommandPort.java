// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.command.MetadataCommand;

/** Where the controller's commands go. */
@FunctionalInterface
public interface CommandPort {

    /** Submits a command; the answer comes later, on the controller's loop. Never answers within this call. */
    void submit(MetadataCommand command, Completion completion);

    /** Takes the answer to one command. Exactly one of the two is called, once. */
    interface Completion {

        void applied(ApplyReply reply);

        void failed(MetadataRejection rejection);
    }
}
