// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.follower;

import io.varve.replication.protocol.FollowerPosition;
import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.storage.LogId;

/** Refusals, as a follower words them. *Confined to the loop.* */
final class Nacks {
    private final LogId id;
    private final FollowerLog log;
    private final FollowerOutput output;

    Nacks(LogId id, FollowerLog log, FollowerOutput output) {
        this.id = id;
        this.log = log;
        this.output = output;
    }

    /** With where the log stands. */
    ReplicaMessage.Nack saying(int knownEpoch, int epochOfMessage, long session, NackCode code, String detail) {
        FollowerPosition here = new FollowerPosition(
                knownEpoch, log.stagedEndOffset(), EpochView.of(log).lastEpoch());
        return new ReplicaMessage.Nack(id, epochOfMessage, session, output.brokerEpoch(), code, here, detail);
    }

    /** Says nothing of the log, which may be what is broken. */
    ReplicaMessage.Nack lastWord(int knownEpoch, int epochOfSession, long session, NackCode code, String detail) {
        FollowerPosition here = FollowerPosition.withoutLog(knownEpoch);
        return new ReplicaMessage.Nack(id, epochOfSession, session, output.brokerEpoch(), code, here, detail);
    }
}
