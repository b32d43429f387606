// SPDX-License-Identifier: Apache-2.0
package io.varve.it.container;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Volume;
import io.varve.client.NewTopic;
import io.varve.client.VarveClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.Wait;

/** The image by itself: one node without any settings but its port, and the command line. */
@EnabledIf(value = "io.varve.it.container.ContainerEngine#isThere", disabledReason = ContainerEngine.MISSING)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ImageIT {
    private static final Duration START_TIMEOUT = Duration.ofMinutes(2);
    private static final int GRACE_SECONDS = 40;

    @BeforeAll
    static void build() throws IOException {
        ContainerEngine.compose().run("build", "varve-1");
    }

    @Test
    void shouldKeepRecordsInItsVolume() throws Exception {
        String volume = "varve-it-" + UUID.randomUUID();
        int port = ContainerEngine.freePorts(1);
        try {
            List<String> acknowledged;
            try (GenericContainer<?> node = node(volume, port);
                    VarveClient client = client(port)) {
                client.admin().createTopic(NewTopic.of("kept", 3)).join();
                acknowledged = Records.produce(client, "kept", 300);
                ExecResult user = node.execInContainer("id", "-u");
                assertThat(user.getStdout().strip()).as("user id").isNotEqualTo("0");

                assertThat(stop(node)).as("exit code").isZero();
            }
            try (GenericContainer<?> node = node(volume, port);
                    VarveClient client = client(port)) {
                assertThat(Records.read(client, "kept")).containsExactlyInAnyOrderElementsOf(acknowledged);
                ExecResult listed = node.execInContainer("varve", "topic", "list");
                assertThat(listed.getStdout()).as(listed.getStderr()).contains("kept");
            }
        } finally {
            docker().removeVolumeCmd(volume).exec();
        }
    }

    @Test
    void shouldRunAnyOtherCommand() {
        try (GenericContainer<?> command = new GenericContainer<>(ContainerEngine.IMAGE)) {
            command.withCommand("topic", "create", "--help")
                    .withStartupCheckStrategy(new OneShotStartupCheckStrategy())
                    .start();
            assertThat(command.getLogs()).contains("--partitions");
        }
    }

    /** A node that is healthy, and says of itself that it is at this port. */
    @SuppressWarnings("resource") // the caller closes what it gets
    private static GenericContainer<?> node(String volume, int port) {
        GenericContainer<?> node = new GenericContainer<>(ContainerEngine.IMAGE);
        node.withEnv("VARVE_NODE_LISTENERS", "public=0.0.0.0:7171@localhost:" + port)
                .withEnv("VARVE_BOOTSTRAP", "localhost:7171")
                .withCreateContainerCmdModifier(create -> create.getHostConfig()
                        .withBinds(new Bind(volume, new Volume("/var/lib/varve")))
                        .withPortBindings(PortBinding.parse("127.0.0.1:" + port + ":7171")))
                .waitingFor(Wait.forHealthcheck().withStartupTimeout(START_TIMEOUT))
                .start();
        return node;
    }

    private static long stop(GenericContainer<?> node) {
        docker().stopContainerCmd(node.getContainerId())
                .withTimeout(GRACE_SECONDS)
                .exec();
        Long code = docker().inspectContainerCmd(node.getContainerId())
                .exec()
                .getState()
                .getExitCodeLong();
        return code == null ? -1 : code;
    }

    private static VarveClient client(int port) {
        return VarveClient.builder().bootstrap("localhost:" + port).build();
    }

    private static DockerClient docker() {
        return DockerClientFactory.instance().client();
    }
}
