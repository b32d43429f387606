// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.metadata.LeaderInfo;
import io.varve.node.config.ConfigException;
import io.varve.node.config.NodeConfig;
import io.varve.node.http.NodeHealth;
import io.varve.proto.Uuids;
import io.varve.storage.file.RealFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A node of which only the parts up to the metadata quorum run. */
final class VoterNode implements AutoCloseable {

    final NodeHealth health = new NodeHealth();
    volatile boolean stopWanted;
    private final QuorumStep quorum;
    private final StepSequence steps;

    VoterNode(NodeConfig config) {
        var addresses = new AddressesStep(config);
        var threads = new ThreadsStep(config);
        var data = new DataDirectoryStep(config, new RealFiles());
        var peers = new PeerListenerStep(config, addresses, threads);
        quorum = new QuorumStep(config, addresses, threads, data, peers, health, () -> stopWanted);
        steps = new StepSequence(List.of(addresses, threads, data, peers, quorum), step -> {});
    }

    void start() throws Exception {
        steps.start();
    }

    boolean votes() {
        return quorum.voter().isPresent();
    }

    LeaderInfo leader() {
        return quorum.quorum().leader();
    }

    @Override
    public void close() {
        stopWanted = true;
        steps.stop();
    }

    /**
     * Configurations for so many voters, on free ports: all of them chosen here, because a listener that lets the system
     * choose may get one that another of these nodes is about to use.
     *
     * @param settings more lines of YAML for each
     */
    static List<NodeConfig> configs(Path directory, UUID clusterId, int count, String... settings)
            throws IOException, ConfigException {
        List<String> voters = new ArrayList<>();
        List<ServerSocket> held = new ArrayList<>();
        List<int[]> ports = new ArrayList<>();
        for (int id = 1; id <= count; id++) {
            int[] own = new int[4];
            for (int i = 0; i < own.length; i++) {
                held.add(new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1")));
                own[i] = held.get(held.size() - 1).getLocalPort();
            }
            ports.add(own);
            voters.add("\"" + id + "@127.0.0.1:" + own[0] + ":" + own[1] + "\"");
        }
        for (ServerSocket socket : held) {
            socket.close();
        }
        List<NodeConfig> configs = new ArrayList<>();
        for (int id = 1; id <= count; id++) {
            configs.add(TestNode.config("""
                    node.id: %d
                    storage.directories: ["%s"]
                    cluster.id: "%s"
                    raft.bind: 127.0.0.1:%d
                    peer.bind: 127.0.0.1:%d
                    http.bind: 127.0.0.1:%d
                    listeners: [{name: public, bind: "127.0.0.1:%d"}]
                    quorum.voters: [%s]
                    disk.watermark.soft.bytes: 0
                    disk.watermark.hard.bytes: 0
                    """.formatted(
                                    id,
                                    directory.resolve("node" + id),
                                    Uuids.toText(clusterId),
                                    ports.get(id - 1)[0],
                                    ports.get(id - 1)[1],
                                    ports.get(id - 1)[2],
                                    ports.get(id - 1)[3],
                                    String.join(", ", voters))
                    + String.join("\n", settings)
                    + "\n"));
        }
        return configs;
    }

    static void format(NodeConfig config, Formation formation) throws StartFailure {
        NodeFormat.format(config, Optional.of(Uuids.fromText(config.cluster().clusterId())), formation, false);
    }
}
