// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import java.util.List;
import java.util.UUID;

/**
 * What a Raft directory was formatted as. *Immutable.*
 *
 * @param voters of the quorum's formation, in order of their node ids; for later starts only a note
 * @param diskId made up by chance at each formatting, and so the one thing that a wiped and formatted disk does not
 *     have in common with what it was
 */
public record RaftFormat(RaftIdentity identity, List<VoterId> voters, UUID diskId) {

    public RaftFormat {
        voters = List.copyOf(voters);
    }

    /** Whether this is the directory of one of the voters. */
    public boolean votes() {
        return voters.contains(new VoterId(identity.nodeId(), identity.directoryId()));
    }
}
