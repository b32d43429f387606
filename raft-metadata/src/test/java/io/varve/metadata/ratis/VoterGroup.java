// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import static org.awaitility.Awaitility.await;

import io.varve.metadata.machine.World;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;

/** Several real voters in this process, by their node ids, each in a directory of its own. */
final class VoterGroup implements AutoCloseable {

    static final Duration LIMIT = Duration.ofSeconds(40);

    final TreeMap<Integer, Voter> running = new TreeMap<>();
    private final TreeMap<Integer, RaftSettings> settings = new TreeMap<>();

    /** Formats, does not start. */
    VoterGroup(Path directory, int count, RaftSettings.Tuning tuning) throws IOException {
        var voters = new ArrayList<RaftSettings.Voter>();
        var held = new ArrayList<ServerSocket>();
        for (int id = 1; id <= count; id++) {
            // Held until all are chosen, or the system might give one twice.
            held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            int port = held.get(id - 1).getLocalPort();
            voters.add(new RaftSettings.Voter(id, World.uuid("dir" + id), "127.0.0.1", port));
        }
        for (var socket : held) {
            socket.close();
        }
        var ids = voters.stream()
                .map(v -> new VoterId(v.nodeId(), v.directoryId()))
                .toList();
        for (var v : voters) {
            var identity = new RaftIdentity(World.uuid("cluster"), v.nodeId(), v.directoryId());
            var root = directory.resolve("node" + v.nodeId());
            RaftDirectory.format(root, identity, ids);
            settings.put(v.nodeId(), new RaftSettings(identity, root, v.host(), v.port(), voters, tuning));
        }
    }

    RaftSettings settings(int id) {
        return Objects.requireNonNull(settings.get(id));
    }

    VoterGroup startAll() {
        settings.keySet().forEach(this::start);
        return this;
    }

    Voter start(int id) {
        var voter = Voter.start(settings(id));
        running.put(id, voter);
        return voter;
    }

    /** The id of the one that leads and is ready, when there is exactly one. */
    int leader() {
        await().atMost(LIMIT)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> leaders().size() == 1);
        return leaders().get(0);
    }

    private List<Integer> leaders() {
        return running.entrySet().stream()
                .filter(e -> e.getValue().quorum.leader().self())
                .map(e -> e.getKey())
                .toList();
    }

    /** The ids of those that do not lead. */
    List<Integer> followers() {
        int leader = leader();
        return running.keySet().stream().filter(id -> id != leader).toList();
    }

    Voter voter(int id) {
        return Objects.requireNonNull(running.get(id));
    }

    void stop(int id) {
        taken(id).close();
    }

    /** As near to kill -9 as it gets within one process. */
    void kill(int id) {
        taken(id).quorum.kill();
    }

    private Voter taken(int id) {
        return Objects.requireNonNull(running.remove(id));
    }

    void awaitTopicEverywhere(String topic) {
        await().atMost(LIMIT)
                .until(() -> running.values().stream()
                        .allMatch(v -> v.quorum.image().topic(topic).isPresent()));
    }

    @Override
    public void close() {
        running.values().parallelStream().forEach(Voter::close);
        running.clear();
    }
}
