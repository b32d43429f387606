// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.metadata.ratis.RaftStartException;
import io.varve.node.bootstrap.StartFailure.Reason;
import java.nio.file.Path;

/** Turns what can go wrong with the metadata quorum's voter into a sentence. */
final class RaftFailures {

    private RaftFailures() {}

    static StartFailure toStartFailure(Path directory, RaftStartException e) {
        Reason reason = switch (e.kind()) {
            case NOT_FORMATTED -> Reason.NOT_FORMATTED;
            case FOREIGN -> Reason.DIRECTORY_FOREIGN;
            case LOCKED -> Reason.DIRECTORY_IN_USE;
            case DISK_LOST -> Reason.DISK_LOST;
            case DAMAGED -> Reason.DIRECTORY_DAMAGED;
            case DISK_FULL -> Reason.DISK_FULL;
            case ADDRESS -> Reason.ADDRESS_IN_USE;
            case OTHER -> Reason.DIRECTORY_UNUSABLE;
        };
        String hint = e.hint().isEmpty() ? "the raft directory is " + directory : e.hint();
        return new StartFailure(reason, String.valueOf(e.getMessage()), hint, e);
    }
}
