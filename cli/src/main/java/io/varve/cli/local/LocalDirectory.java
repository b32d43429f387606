// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.varve.cli.CommandFailure;
import io.varve.cli.ExitStatus;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The directory of a local cluster.
 *
 * <pre>
 * local.json        what is known of the nodes: {@link LocalState}
 * .lock             held while a command changes something
 * node-1/node.yaml  written once; yours to change
 * node-1/node.log   everything that the process wrote
 * node-1/data/      the node's storage directory
 * </pre>
 *
 * Confined to one thread; other processes are kept away by {@link #lock}.
 */
final class LocalDirectory {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path root;

    LocalDirectory(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    Path root() {
        return root;
    }

    Path nodeDirectory(int id) {
        return root.resolve("node-" + id);
    }

    Path config(int id) {
        return nodeDirectory(id).resolve("node.yaml");
    }

    Path log(int id) {
        return nodeDirectory(id).resolve("node.log");
    }

    Path data(int id) {
        return nodeDirectory(id).resolve("data");
    }

    /** The nodes that were ever started here and not wiped; empty for a directory that is no local cluster. */
    List<LocalNode> nodes() {
        return state().map(LocalState::nodes).orElse(List.of());
    }

    /** Empty for a directory that is no local cluster. */
    Optional<LocalState> state() {
        Path file = root.resolve("local.json");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(Files.readAllBytes(file), LocalState.class));
        } catch (IOException e) {
            throw failure("cannot read " + file + ": " + reasonOf(e), "is it a directory of varve local?");
        }
    }

    void save(LocalState state) {
        try {
            Path temporary = root.resolve("local.json.tmp");
            Files.write(temporary, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(state));
            Files.move(temporary, root.resolve("local.json"), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw failure("cannot write to " + root + ": " + reasonOf(e), "choose another place with --dir");
        }
    }

    void create(int id) {
        try {
            Files.createDirectories(nodeDirectory(id));
        } catch (IOException e) {
            throw failure(
                    "cannot make the directory " + nodeDirectory(id) + ": " + reasonOf(e),
                    "choose another place with --dir");
        }
    }

    boolean isFormatted(int id) {
        return Files.exists(data(id).resolve("meta.properties"));
    }

    /** Keeps other commands on this directory away until closed. Refuses at once when one is at work. */
    FileChannel lock() {
        try {
            FileChannel channel =
                    FileChannel.open(root.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                channel.close();
                throw new CommandFailure(
                        ExitStatus.CONFLICT,
                        "DIRECTORY_IN_USE",
                        "another varve local command is at work in " + root,
                        "wait for it to end");
            }
            return channel;
        } catch (IOException e) {
            throw failure("cannot lock " + root + ": " + reasonOf(e), "choose another place with --dir");
        }
    }

    /** Deletes what belongs to the local cluster and nothing else, the directory itself only if that leaves it empty. */
    void wipe() {
        try {
            for (LocalNode node : nodes()) {
                deleteTree(nodeDirectory(node.id()));
            }
            Files.deleteIfExists(root.resolve("local.json"));
            Files.deleteIfExists(root.resolve(".lock"));
            try (Stream<Path> left = Files.list(root)) {
                if (left.findAny().isEmpty()) {
                    Files.delete(root);
                }
            }
        } catch (IOException e) {
            throw failure("cannot delete " + root + ": " + reasonOf(e), "");
        }
    }

    /** Bytes in the nodes' directories. */
    long sizeBytes() {
        long bytes = 0;
        for (LocalNode node : nodes()) {
            try (Stream<Path> files = Files.walk(nodeDirectory(node.id()))) {
                bytes += files.mapToLong(
                                file -> file.toFile().isFile() ? file.toFile().length() : 0)
                        .sum();
            } catch (IOException e) {
                // A node that is being stopped removes files under our feet; the figure is for people only.
                continue;
            }
        }
        return bytes;
    }

    private static void deleteTree(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        List<Path> deepestFirst;
        try (Stream<Path> all = Files.walk(tree)) {
            deepestFirst = all.sorted(java.util.Comparator.reverseOrder()).toList();
        }
        for (Path path : deepestFirst) {
            Files.delete(path);
        }
    }

    private static CommandFailure failure(String message, String hint) {
        return new CommandFailure(ExitStatus.FAILURE, "IO_ERROR", message, hint);
    }

    private static String reasonOf(IOException e) {
        return e.getClass().getSimpleName().replaceAll("Exception$", "") + ": " + e.getMessage();
    }
}
