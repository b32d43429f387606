// SPDX-License-Identifier: Apache-2.0
package io.varve.it.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** {@code varve local up} of one node before all tests of a class, {@code down --wipe} after them. Confined to one thread. */
final class LocalCluster implements BeforeAllCallback, AfterAllCallback {
    private static final int PORTS = 10;

    private Path directory = Path.of("");
    private int portBase;

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        directory = Files.createTempDirectory("varve-cli-");
        portBase = freePortBase();
        varve().ok("local", "up", "--nodes", "1", "--dir", "cluster", "--port-base", String.valueOf(portBase));
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        varve().ok("local", "down", "--dir", "cluster", "--wipe", "-y");
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** Commands that find the cluster by the environment. */
    Varve varve() {
        return Varve.in(directory).with("VARVE_BOOTSTRAP", bootstrap());
    }

    String bootstrap() {
        return "localhost:" + portBase;
    }

    int portBase() {
        return portBase;
    }

    /** Where the commands run; the cluster is in {@code cluster}. */
    Path directory() {
        return directory;
    }

    Path nodeDirectory() {
        return directory.resolve("cluster/node-1");
    }

    /** A run of free ports below those that the system hands out by itself. */
    static int freePortBase() {
        SplittableRandom random = new SplittableRandom();
        while (true) {
            int base = 12_000 + PORTS * random.nextInt(1_500);
            if (isFree(base, PORTS)) {
                return base;
            }
        }
    }

    /** Whether nobody listens on any of these ports. */
    static boolean isFree(int first, int count) {
        boolean free = true;
        for (int port = first; port < first + count; port++) {
            free &= isFree(port);
        }
        return free;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
