// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import io.varve.replication.leader.LeaderSettings;
import io.varve.replication.protocol.Rules;
import io.varve.storage.LogId;

/** What a replica is made of and keeps for as long as it lives. */
record ReplicaParts(
        String name, LogId id, ReplicaLog log, ReplicaPort port, Rules rules, LeaderSettings leaderSettings) {}
