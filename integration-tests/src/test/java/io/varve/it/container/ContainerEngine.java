// SPDX-License-Identifier: Apache-2.0
package io.varve.it.container;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.testcontainers.DockerClientFactory;

/** The engine that tests find here, and what they need on its host. */
final class ContainerEngine {
    /** The image under test; of its own name, so that no other is replaced. */
    static final String IMAGE = "varve-it";

    /** Why tests are skipped without one. */
    static final String MISSING =
            "no container engine with compose answers; start one, or let dev/docker-engine start one (as root)";

    private ContainerEngine() {}

    static boolean isThere() {
        return DockerClientFactory.instance().isDockerAvailable()
                && ComposeProject.installed().isPresent();
    }

    /** How compose is called here, with a project that has no name yet. */
    static ComposeProject compose() {
        return new ComposeProject(ComposeProject.installed().orElseThrow(), "", Map.of("VARVE_IMAGE", IMAGE));
    }

    /** A run of free ports below those that the system hands out by itself; restarted containers get theirs again. */
    static int freePorts(int howMany) {
        SplittableRandom random = new SplittableRandom();
        while (true) {
            int first = 27_000 + random.nextInt(5_000);
            if (IntStream.range(first, first + howMany).allMatch(ContainerEngine::isFree)) {
                return first;
            }
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
