// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.node.bootstrap.StartFailure.Reason;
import io.varve.storage.StorageException;
import java.nio.file.Path;

/** Turns what can go wrong with the data directory into a sentence. */
final class StorageFailures {

    private StorageFailures() {}

    static StartFailure toStartFailure(Path directory, StorageException e) {
        String message = String.valueOf(e.getMessage());
        return switch (e.kind()) {
            case LOCKED ->
                new StartFailure(
                        Reason.DIRECTORY_IN_USE,
                        message,
                        "stop the other process, or set another directory in storage.directories",
                        e);
            case NOT_FORMATTED ->
                new StartFailure(
                        Reason.NOT_FORMATTED,
                        message,
                        "if this is the node's first start: varve node format --config FILE; if it is not, the disk of %s is missing"
                                .formatted(directory),
                        e);
            case FOREIGN ->
                new StartFailure(
                        Reason.DIRECTORY_FOREIGN,
                        message,
                        "set storage.directories to a directory of this node; nothing was changed in this one",
                        e);
            case DAMAGED ->
                new StartFailure(
                        Reason.DIRECTORY_DAMAGED,
                        message,
                        "restore %s from a copy, or format another directory; nothing was changed in this one"
                                .formatted(directory),
                        e);
            case DISK_FULL -> new StartFailure(Reason.DISK_FULL, message, "free some space and start again", e);
            case IO, CLOSED, OUT_OF_RANGE ->
                new StartFailure(
                        Reason.DIRECTORY_UNUSABLE,
                        message,
                        "make %s a directory that this user owns and may write to".formatted(directory),
                        e);
        };
    }
}
