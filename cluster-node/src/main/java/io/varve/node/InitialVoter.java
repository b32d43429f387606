// SPDX-License-Identifier: Apache-2.0
package io.varve.node;

import io.varve.node.bootstrap.StartFailure;
import io.varve.node.bootstrap.StartFailure.Reason;
import io.varve.node.config.HostPort;
import io.varve.proto.Uuids;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One element of {@code --initial-voters}: {@code ID@HOST:PORT:DIRID}. <i>Immutable.</i> */
record InitialVoter(int nodeId, HostPort address, UUID directoryId) {

    /** The one voter that this version can have; empty for a directory id of the node's own choice. */
    static Optional<InitialVoter> single(@Nullable String option, boolean standalone, int nodeId) throws StartFailure {
        if (option == null) {
            return Optional.empty();
        }
        if (standalone) {
            throw usage("say --standalone or --initial-voters, not both");
        }
        String[] voters = option.split(",", -1);
        if (voters.length != 1) {
            throw usage("--initial-voters names %d voters; this version runs one".formatted(voters.length));
        }
        InitialVoter voter = parse(voters[0]);
        if (voter.nodeId() != nodeId) {
            throw usage("--initial-voters names node %d, but node.id is %d".formatted(voter.nodeId(), nodeId));
        }
        return Optional.of(voter);
    }

    static InitialVoter parse(String text) throws StartFailure {
        int at = text.indexOf('@');
        int colon = text.lastIndexOf(':');
        try {
            if (at < 1 || colon < at) {
                throw new IllegalArgumentException("it is not ID@HOST:PORT:DIRID");
            }
            return new InitialVoter(
                    Integer.parseInt(text.substring(0, at)),
                    HostPort.parse(text.substring(at + 1, colon)),
                    Uuids.fromText(text.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            throw usage("--initial-voters: '%s' is no voter: %s".formatted(text, e.getMessage()));
        }
    }

    private static StartFailure usage(String message) {
        return new StartFailure(
                Reason.USAGE,
                message,
                "a voter is written ID@HOST:PORT:DIRID, for example 1@127.0.0.1:7173:" + EXAMPLE);
    }

    private static final String EXAMPLE = "AAAAAAAAAAAAAAAAAAAAAQ";
}
