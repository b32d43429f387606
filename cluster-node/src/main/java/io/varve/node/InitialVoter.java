// SPDX-License-Identifier: Apache-2.0
package io.varve.node;

import io.varve.metadata.ratis.VoterId;
import io.varve.node.bootstrap.Formation;
import io.varve.node.bootstrap.StartFailure;
import io.varve.node.bootstrap.StartFailure.Reason;
import io.varve.node.config.HostPort;
import io.varve.node.config.QuorumConfig;
import io.varve.proto.Uuids;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One element of {@code --initial-voters}: {@code ID@HOST:PORT:DIRID}. <i>Immutable.</i> */
record InitialVoter(int nodeId, HostPort address, UUID directoryId) {

    private static final Set<Integer> SIZES = Set.of(1, 3, 5);

    /** What the option and {@code --standalone} say together. */
    static Formation formation(@Nullable String option, boolean standalone, QuorumConfig quorum) throws StartFailure {
        if (standalone && option != null) {
            throw usage("say --standalone or --initial-voters, not both");
        }
        if (standalone && quorum.voters().size() != 1) {
            throw usage("--standalone, but quorum.voters names %d nodes"
                    .formatted(quorum.voters().size()));
        }
        if (option == null || option.equals("derived")) {
            return Formation.derived();
        }
        return option.equals("none") ? Formation.none() : Formation.given(list(option));
    }

    private static List<VoterId> list(String option) throws StartFailure {
        List<VoterId> voters = new ArrayList<>();
        Set<Object> seen = new HashSet<>();
        for (String text : option.split(",", -1)) {
            InitialVoter voter = parse(text.strip());
            if (!seen.add(voter.nodeId()) || !seen.add(voter.directoryId())) {
                throw usage("--initial-voters: '%s' has the node or the directory of another voter".formatted(text));
            }
            voters.add(new VoterId(voter.nodeId(), voter.directoryId()));
        }
        if (!SIZES.contains(voters.size())) {
            throw usage("--initial-voters names %d voters; a quorum has 1, 3 or 5".formatted(voters.size()));
        }
        return voters;
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
