// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads {@code quorum.voters} and the two addresses that other nodes use, which have to agree: in YAML a list of
 * {@code ID@HOST:RAFT_PORT:PEER_PORT}, as one text (environment) the same separated by commas.
 */
final class QuorumSettings {

    static final String VOTERS = "quorum.voters";
    private static final Set<Integer> SIZES = Set.of(1, 3, 5);
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1");

    private final SettingValues values;
    private final int nodeId;
    private final HostPort raftBind;
    private final HostPort peerBind;

    /**
     * @param quorum with one voter, this node at its own addresses, if no list was given
     * @param peerAdvertised where other nodes reach this one; port 0 stands for the port bound
     */
    record Taken(QuorumConfig quorum, HostPort raftBind, HostPort peerBind, HostPort peerAdvertised) {}

    private QuorumSettings(SettingValues values, int nodeId) {
        this.values = values;
        this.nodeId = nodeId;
        this.raftBind = values.take(SettingKeys.RAFT_BIND);
        this.peerBind = values.take(SettingKeys.PEER_BIND);
    }

    static Taken take(SettingValues values, int nodeId) {
        return new QuorumSettings(values, nodeId).take();
    }

    private Taken take() {
        Optional<HostPort> given = values.take(SettingKeys.PEER_ADVERTISED);
        List<VoterAddress> voters = voters();
        Optional<VoterAddress> self =
                voters.stream().filter(v -> v.nodeId() == nodeId).findFirst();
        HostPort advertised = given.or(() -> self.map(VoterAddress::peer)).orElse(peerBind);
        if (advertised.isWildcard()) {
            values.problem("%s (%s) is no address that other nodes can connect to; set peer.advertised to one"
                    .formatted(given.isPresent() ? "peer.advertised" : "peer.bind", advertised));
        }
        self.ifPresent(s -> checkOwnEntry(s, given));
        if (voters.isEmpty()) {
            voters = List.of(new VoterAddress(nodeId, raftBind, advertised));
        }
        values.show("peer.advertised", advertised.toString());
        values.show(
                VOTERS,
                String.join(", ", voters.stream().map(VoterAddress::toString).toList()));
        return new Taken(new QuorumConfig(voters), raftBind, peerBind, advertised);
    }

    private List<VoterAddress> voters() {
        List<RawSetting> given = values.takeList(VOTERS);
        List<VoterAddress> voters = new ArrayList<>();
        Set<Integer> ids = new HashSet<>();
        Set<HostPort> addresses = new HashSet<>();
        for (RawSetting setting : given) {
            try {
                VoterAddress voter = VoterAddress.parse(setting.text());
                if (!ids.add(voter.nodeId())) {
                    values.problem(VOTERS + " names node " + voter.nodeId() + " twice");
                    continue;
                }
                for (HostPort address : List.of(voter.raft(), voter.peer())) {
                    checkAddress(voter, address, addresses);
                }
                voters.add(voter);
            } catch (IllegalArgumentException e) {
                values.problem("%s %s (in %s)".formatted(VOTERS, e.getMessage(), setting.origin()));
            }
        }
        if (!given.isEmpty() && !SIZES.contains(given.size())) {
            values.problem("%s must name 1, 3 or 5 nodes, but names %d; more nodes than these join without a vote"
                    .formatted(VOTERS, given.size()));
        }
        return voters;
    }

    private void checkAddress(VoterAddress voter, HostPort address, Set<HostPort> addresses) {
        if (address.port() == 0 || address.isWildcard()) {
            values.problem("%s: %s of node %d is no address that other nodes can connect to"
                    .formatted(VOTERS, address, voter.nodeId()));
        } else if (!addresses.add(address)) {
            values.problem("%s has the address %s twice".formatted(VOTERS, address));
        }
    }

    /** A mistake here would otherwise show as a quorum that never finds together. */
    private void checkOwnEntry(VoterAddress self, Optional<HostPort> advertised) {
        checkAgainstBind("raft.bind", raftBind, self.raft());
        if (advertised.isEmpty()) {
            checkAgainstBind("peer.bind", peerBind, self.peer());
        } else if (!advertised.get().equals(self.peer())) {
            values.problem("%s says that this node (%d) is at %s, but peer.advertised is %s"
                    .formatted(VOTERS, nodeId, self.peer(), advertised.get()));
        }
    }

    private void checkAgainstBind(String setting, HostPort bind, HostPort told) {
        boolean onlyHere = isLoopback(bind) && !isLoopback(told);
        if (bind.port() != told.port() || onlyHere) {
            values.problem("%s says that this node (%d) is at %s, but %s is %s"
                    .formatted(VOTERS, nodeId, told, setting, bind));
        }
    }

    private static boolean isLoopback(HostPort address) {
        return LOOPBACK.contains(address.host()) || address.host().startsWith("127.");
    }
}
