// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds out who listens on a port of this machine, from /proc. Immutable. */
record PortOwner(long pid, String command) {
    private static final Path PROC = Path.of("/proc");
    private static final String LISTENING = "0A";
    private static final int SHOWN_CHARACTERS = 120;

    static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            // Connections of a node that has just stopped linger on the port and do no harm.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Empty when nobody listens there, or when it is a process of somebody else that we may not look into. */
    static Optional<PortOwner> of(int port) {
        Set<String> sockets = new HashSet<>();
        for (String table : List.of("net/tcp", "net/tcp6")) {
            collectListening(PROC.resolve(table), port, sockets);
        }
        if (sockets.isEmpty()) {
            return Optional.empty();
        }
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                if (holdsOneOf(process, sockets)) {
                    return Optional.of(
                            new PortOwner(Long.parseLong(process.getFileName().toString()), commandOf(process)));
                }
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    /** Lines are "sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode ...". */
    private static void collectListening(Path table, int port, Set<String> sockets) {
        String suffix = ":%04X".formatted(port);
        try {
            for (String line : Files.readAllLines(table)) {
                String[] fields = line.strip().split("\\s+", -1);
                if (fields.length > 9 && fields[1].endsWith(suffix) && fields[3].equals(LISTENING)) {
                    sockets.add("socket:[" + fields[9] + "]");
                }
            }
        } catch (IOException e) {
            // No such table (no IPv6), or no /proc: then the owner stays unknown.
        }
    }

    private static boolean holdsOneOf(Path process, Set<String> sockets) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                if (sockets.contains(Files.readSymbolicLink(descriptor).toString())) {
                    return true;
                }
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            // Not ours to look into, or just gone.
        }
        return false;
    }

    /** Program and arguments, without the many options of a Java process. */
    private static String commandOf(Path process) {
        try {
            String line = Files.readString(process.resolve("cmdline"), StandardCharsets.UTF_8);
            return shortened(List.of(line.split("\0", -1)));
        } catch (IOException e) {
            return "unknown";
        }
    }

    static String shortened(List<String> words) {
        List<String> shown = new ArrayList<>(words);
        if (words.get(0).endsWith("java")) {
            int main = 1;
            while (main < words.size() && words.get(main).startsWith("-")) {
                main += words.get(main).matches("-cp|-classpath|--class-path") ? 2 : 1;
            }
            shown = new ArrayList<>(words.subList(Math.min(main, words.size()), words.size()));
            shown.add(0, "java");
        }
        String text = String.join(" ", shown).strip();
        return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "...";
    }
}
