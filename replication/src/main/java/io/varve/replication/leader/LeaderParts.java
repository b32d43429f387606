// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.protocol.Rules;
import io.varve.storage.LogId;

/** What a leader is made of and keeps from epoch to epoch. */
record LeaderParts(
        LogId partition,
        int selfId,
        LeaderLog log,
        LeaderOutput output,
        AckTracker acks,
        Rules rules,
        LeaderSettings bounds) {}
