// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

import io.varve.node.config.HostPort;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** Where nodes are; on the way to each there is somebody who can cut or hold up connections. <i>Thread-safe.</i> */
final class PushNetwork implements AutoCloseable {

    private final Map<Integer, HostPort> real = new ConcurrentHashMap<>();
    private final Map<Integer, ServerSocket> doors = new ConcurrentHashMap<>();
    private final Map<Integer, List<Socket>> open = new ConcurrentHashMap<>();
    private final Map<Integer, Boolean> held = new ConcurrentHashMap<>();

    void listening(int node, HostPort address) {
        real.put(node, address);
    }

    Optional<HostPort> address(int node) {
        ServerSocket door = doors.get(node);
        return door == null
                ? Optional.ofNullable(real.get(node))
                : Optional.of(new HostPort("127.0.0.1", door.getLocalPort()));
    }

    /** From now on whoever dials the node goes through here. */
    void watch(int node) {
        try {
            ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            doors.put(node, door);
            open.put(node, new CopyOnWriteArrayList<>());
            start(() -> {
                while (true) {
                    accept(node, door.accept());
                }
            });
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Breaks all connections to the node. */
    void cut(int node) {
        for (Socket socket : open.getOrDefault(node, List.of())) {
            closeQuietly(socket);
        }
    }

    /** Nothing gets through to the node, or everything does again. */
    void hold(int node, boolean now) {
        held.put(node, now);
    }

    private void accept(int node, Socket caller) throws IOException {
        HostPort to = Objects.requireNonNull(real.get(node));
        Socket callee = new Socket(to.host(), to.port());
        Objects.requireNonNull(open.get(node)).addAll(List.of(caller, callee));
        start(() -> copy(node, caller, callee));
        start(() -> copy(-1, callee, caller));
    }

    private void copy(int node, Socket from, Socket to) throws IOException {
        byte[] bytes = new byte[64 << 10];
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
                while (held.getOrDefault(node, false)) {
                    LockSupport.parkNanos(1_000_000);
                }
                out.write(bytes, 0, n);
            }
        } finally {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void start(Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (IOException e) {
                        // the connection, or the network, is closed
                    }
                },
                "push-network");
        thread.setDaemon(true);
        thread.start();
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it is of no use any more
        }
    }

    @Override
    public void close() {
        doors.values().forEach(door -> {
            try {
                door.close();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        open.keySet().forEach(this::cut);
    }
}
