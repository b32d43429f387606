// SPDX-License-Identifier: Apache-2.0
package io.varve.it.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.SplittableRandom;

/**
 * Ports that stay free for a node while it is down: below those that the system gives to connections by itself.
 */
final class Ports {
    private static final int LOWEST = 18_000;
    private static final int RUNS = 300;
    private static final int RUN_LENGTH = 40;

    private Ports() {}

    /** The first of so many free ports in a row. */
    static int run(int count) {
        if (count > RUN_LENGTH) {
            throw new IllegalArgumentException(count + " ports, at most " + RUN_LENGTH);
        }
        SplittableRandom random = new SplittableRandom();
        while (true) {
            int base = LOWEST + RUN_LENGTH * random.nextInt(RUNS);
            boolean free = true;
            for (int port = base; port < base + count; port++) {
                free &= isFree(port);
            }
            if (free) {
                return base;
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
