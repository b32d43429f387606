// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigReaderTest {

    private static final String MINIMAL = "node.id: 1\nstorage.directories: [/var/lib/varve]\n";

    @Test
    void shouldNeedOnlyAnIdAndADirectory() throws ConfigException {
        NodeConfig config = read(MINIMAL);

        assertThat(config.identity().id()).isEqualTo(1);
        assertThat(config.storage().directory()).isEqualTo(Path.of("/var/lib/varve"));
        assertThat(config.storage().raftDirectory()).isEqualTo(Path.of("/var/lib/varve/raft"));
        assertThat(config.network().listeners())
                .containsExactly(
                        new ListenerConfig("public", new HostPort("127.0.0.1", 7171), new HostPort("127.0.0.1", 7171)));
        assertThat(config.threads().io()).isEqualTo(8);
        assertThat(config.memory().tailCacheBytes()).isEqualTo(64 << 20);
    }

    @Test
    void shouldReadNestedAndDottedKeysWithByteOrderMarkAndCarriageReturns() throws ConfigException {
        NodeConfig config = read("\uFEFFnode:\r\n  id: 7\r\n  rack: \"r 1\"\r\nstorage.directories:\r\n  - /d\r\n"
                + "tail:\r\n  cache.bytes: 8MiB\r\nlog.level: debug\r\n");

        assertThat(config.identity()).isEqualTo(new IdentityConfig(7, "r 1", IdentityConfig.LogLevel.DEBUG));
        assertThat(config.memory().tailCacheBytes()).isEqualTo(8 << 20);
    }

    @Test
    void shouldReadNamedListeners() throws ConfigException {
        NodeConfig config = read(MINIMAL + """
                listeners:
                  - {name: host, bind: "0.0.0.0:7171", advertised: "localhost:7171"}
                  - name: container
                    bind: "[::1]:7181"
                """);

        assertThat(config.network().listeners())
                .containsExactly(
                        new ListenerConfig("host", new HostPort("0.0.0.0", 7171), new HostPort("localhost", 7171)),
                        new ListenerConfig("container", new HostPort("::1", 7181), new HostPort("::1", 7181)));
    }

    @Test
    void shouldNotTellClientsToConnectToEverywhere() {
        assertThat(problems(MINIMAL + "listeners: [{bind: \"0.0.0.0:7171\"}]\n"))
                .singleElement()
                .asString()
                .startsWith("listeners[0].bind (0.0.0.0:7171) is no address that clients can connect to")
                .contains("advertised");
    }

    @Test
    void shouldLetTheEnvironmentWin() throws ConfigException {
        NodeConfig config = new ConfigReader(
                        Map.of(
                                "VARVE_NODE_NODE_ID", "3",
                                "VARVE_NODE_IO_THREADS", "2",
                                "VARVE_NODE_STORAGE_DIRECTORIES", "/data",
                                "VARVE_NODE_LISTENERS", "host=0.0.0.0:1@localhost:1,container=127.0.0.2:2",
                                "VARVE_NODE_TOPIC_DEFAULT_RETENTION_MS", "5",
                                "VARVE_BOOTSTRAP", "elsewhere:7171"),
                        new FakeTopicDefaults())
                .read("node.yaml", MINIMAL)
                .config();

        assertThat(config.identity().id()).isEqualTo(3);
        assertThat(config.threads().io()).isEqualTo(2);
        assertThat(config.storage().directory()).isEqualTo(Path.of("/data"));
        assertThat(config.network().listeners())
                .extracting(ListenerConfig::advertised)
                .containsExactly(new HostPort("localhost", 1), new HostPort("127.0.0.2", 2));
        assertThat(config.cluster().topicDefaults()).containsExactly(Map.entry("retention.ms", "5"));
    }

    @Test
    void shouldBeTheOnlyVoterUnlessToldOthers() throws ConfigException {
        NodeConfig config = read(MINIMAL);

        assertThat(config.quorum().voters())
                .containsExactly(new VoterAddress(1, new HostPort("127.0.0.1", 7173), new HostPort("127.0.0.1", 7172)));
        assertThat(config.network().peerAdvertised()).isEqualTo(new HostPort("127.0.0.1", 7172));
    }

    @Test
    void shouldReadVotersAndBeReachedWhereTheySay() throws ConfigException {
        String yaml = MINIMAL + """
                peer.bind: 0.0.0.0:7172
                raft.bind: 0.0.0.0:7173
                quorum.voters: ["1@node1:7173:7172", "2@node2:7173:7172", "3@[::5]:7173:7172"]
                """;
        NodeConfig config = read(yaml);

        assertThat(config.network().peerAdvertised()).isEqualTo(new HostPort("node1", 7172));
        assertThat(config.quorum().majority()).isEqualTo(2);
        assertThat(config.quorum().others(1))
                .containsExactly(
                        new VoterAddress(2, new HostPort("node2", 7173), new HostPort("node2", 7172)),
                        new VoterAddress(3, new HostPort("::5", 7173), new HostPort("::5", 7172)));
        String variable = "1@node1:7173:7172, 2@node2:7173:7172,3@[::5]:7173:7172";
        var reader = new ConfigReader(Map.of("VARVE_NODE_QUORUM_VOTERS", variable), new FakeTopicDefaults());
        assertThat(reader.read("node.yaml", yaml.substring(0, yaml.indexOf("quorum")))
                        .config()
                        .quorum())
                .isEqualTo(config.quorum());
    }

    @Test
    void shouldLetANodeThatIsNoVoterHaveAddressesOfItsOwn() throws ConfigException {
        NodeConfig config = read(MINIMAL + "quorum.voters: [\"7@127.0.0.1:9173:9172\"]\npeer.bind: 127.0.0.1:0\n");

        assertThat(config.quorum().isVoter(1)).isFalse();
        assertThat(config.network().peerAdvertised()).isEqualTo(new HostPort("127.0.0.1", 0));
    }

    @Test
    void shouldRefuseVotersThatCannotFindTogether() {
        assertThat(problems(MINIMAL + "quorum.voters: [\"1@127.0.0.1:7173:7172\", \"2@127.0.0.1:7273:7272\"]\n"))
                .containsExactly(
                        "quorum.voters must name 1, 3 or 5 nodes, but names 2; more nodes than these join without"
                                + " a vote");
        assertThat(problems(MINIMAL + "quorum.voters: [\"2@h:1:2\", \"2@i:1:2\", \"3@h:2:0\"]\n"))
                .containsExactly(
                        "quorum.voters names node 2 twice",
                        "quorum.voters has the address h:2 twice",
                        "quorum.voters: h:0 of node 3 is no address that other nodes can connect to");
        assertThat(problems(MINIMAL + "quorum.voters: [\"1@node1:7173:7174\"]\n"))
                .containsExactly(
                        "quorum.voters says that this node (1) is at node1:7173, but raft.bind is 127.0.0.1:7173",
                        "quorum.voters says that this node (1) is at node1:7174, but peer.bind is 127.0.0.1:7172");
        assertThat(problems(MINIMAL + "quorum.voters: [\"1@127.0.0.1:7173:7172\"]\npeer.advertised: node1:7172\n"))
                .containsExactly("quorum.voters says that this node (1) is at 127.0.0.1:7172, but peer.advertised is"
                        + " node1:7172");
        assertThat(problems(MINIMAL + "peer.bind: 0.0.0.0:7172\n"))
                .containsExactly("peer.bind (0.0.0.0:7172) is no address that other nodes can connect to; set"
                        + " peer.advertised to one");
        for (String wrong :
                List.of("x@h:1:2", "0@h:1:2", "1@h:1", "1@h", "h:1:2", "1@::1:1:2", "1@[::1]:2", "1@h:x:2")) {
            assertThat(problems(MINIMAL + "quorum.voters: [\"" + wrong + "\"]\n"))
                    .as(wrong)
                    .singleElement()
                    .asString()
                    .startsWith("quorum.voters must")
                    .contains("node.yaml:3");
        }
    }

    @Test
    void shouldTellAllProblemsAtOnce() {
        assertThat(problems("""
                        node.idd: 1
                        io.threads: many
                        cold.read.threads: 0
                        disk.watermark.soft.bytes: 1KiB
                        heartbeat.interval.ms: 3000
                        topic.default.retention.mss: 1
                        topic.default.retention.ms: x
                        listeners: [{bind: nowhere, nam: a}]
                        """))
                .contains(
                        "node.id is missing; it must be set",
                        "node.idd is not a setting (in node.yaml:1); did you mean node.id?",
                        "io.threads must be a whole number from 1 to 256, but is 'many' (in node.yaml:2)",
                        "cold.read.threads must be from 1 to 256, but is 0 (in node.yaml:3)",
                        "disk.watermark.hard.bytes (1073741824) must not be above disk.watermark.soft.bytes (1024): the"
                                + " warning comes first",
                        "session.timeout.ms (3000) must be at least twice heartbeat.interval.ms (3000)",
                        "storage.directories must be a list of exactly one directory, but has 0",
                        "topic.default.retention.mss is not a setting (in node.yaml:6); did you mean"
                                + " topic.default.retention.ms?",
                        "topic.default.retention.ms: must be a number (in node.yaml:7)",
                        "listeners[0].bind must be HOST:PORT, but is 'nowhere' (in node.yaml:8)",
                        "listeners[0].nam is not a setting (in node.yaml:8); did you mean listeners[].name?")
                .hasSize(11);
    }

    @Test
    void shouldNameBothPlacesOfADuplicateKey() {
        assertThat(problems(MINIMAL + "node:\n  id: 2\n"))
                .containsExactly("node.id is given twice, at node.yaml:1 and at node.yaml:4");
        assertThat(problems(MINIMAL + "node.id: 2\n"))
                .containsExactly("node.id is given twice, at node.yaml:1 and at node.yaml:3");
    }

    @Test
    void shouldNameTheNearestKeyOfAnUnknownVariable() {
        var reader = new ConfigReader(Map.of("VARVE_NODE_IO_THREAD", "1"), new FakeTopicDefaults());

        var e = catchThrowableOfType(ConfigException.class, () -> reader.read("node.yaml", MINIMAL));

        assertThat(e.problems())
                .containsExactly("io.thread is not a setting (in VARVE_NODE_IO_THREAD); did you mean io.threads?");
    }

    @Test
    void shouldRefuseWhatIsNotAConfiguration(@TempDir Path dir) throws Exception {
        assertThat(problems("- a\n- b\n")).anyMatch(p -> p.contains("a list of KEY: VALUE lines, but this is not"));
        assertThat(problems("node.id: [1\n")).anyMatch(p -> p.startsWith("node.yaml:") && p.contains("not YAML"));
        var reader = new ConfigReader(Map.of(), new FakeTopicDefaults());
        Path binary = Files.write(dir.resolve("bad.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        for (Path file : List.of(dir.resolve("none.yaml"), dir, binary)) {
            var e = catchThrowableOfType(ConfigException.class, () -> reader.readFile(file));
            assertThat(e.problems()).singleElement().asString().contains(file.toString());
        }
    }

    @Test
    void shouldSaveTheOperatorsPlaceOfASettingForTheStartUpLog() throws ConfigException {
        var loaded = new ConfigReader(Map.of(), new FakeTopicDefaults()).read("node.yaml", MINIMAL);

        assertThat(loaded.effective())
                .containsEntry("node.id", "1   # node.yaml:1")
                .containsEntry("io.threads", "8")
                .containsKeys("storage.directories", "raft.directory", "listeners.public");
    }

    @Test
    void shouldSayOfEverySettingWhereItStandsAndWhatItWouldBeOtherwise() throws ConfigException {
        var environment = Map.of("VARVE_NODE_IO_THREADS", "4");
        var loaded = new ConfigReader(environment, new FakeTopicDefaults())
                .read("node.yaml", MINIMAL + "topic.default.retention.ms: 1000\n");
        assertThat(setting(loaded, "io.threads"))
                .isEqualTo(new NodeSetting("io.threads", "4", "8", "threads", "VARVE_NODE_IO_THREADS"))
                .matches(NodeSetting::isFromEnvironment);
        assertThat(setting(loaded, "session.timeout.ms"))
                .isEqualTo(new NodeSetting("session.timeout.ms", "3000", "3000", "ms", ""))
                .matches(setting -> !setting.isSet());
        assertThat(setting(loaded, "node.id").origin()).isEqualTo("node.yaml:1");
        assertThat(setting(loaded, "node.id").fallback()).isEmpty();
        assertThat(setting(loaded, "storage.directories").origin()).startsWith("node.yaml:");
        assertThat(setting(loaded, "topic.default.retention.ms").value()).isEqualTo("1000");
        assertThat(setting(loaded, "peer.advertised").value()).isEqualTo("127.0.0.1:7172");
    }

    private static NodeSetting setting(LoadedConfig loaded, String name) {
        return loaded.settings().stream()
                .filter(setting -> setting.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static NodeConfig read(String yaml) throws ConfigException {
        return new ConfigReader(Map.of(), new FakeTopicDefaults())
                .read("node.yaml", yaml)
                .config();
    }

    private static List<String> problems(String yaml) {
        return catchThrowableOfType(ConfigException.class, () -> read(yaml)).problems();
    }

    private static final class FakeTopicDefaults implements ConfigReader.TopicDefaults {

        @Override
        public Set<String> names() {
            return Set.of("retention.ms", "segment.bytes");
        }

        @Override
        public String problem(String name, String value) {
            return value.matches("\\d+") ? "" : "must be a number";
        }
    }
}
