// SPDX-License-Identifier: Apache-2.0
package io.varve.it.tidy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The files of the repository, without what builds and tools leave behind. */
final class SourceTree {
    private static final Set<String> NOT_SOURCES =
            Set.of("target", ".git", ".varve", ".idea", ".vscode", ".settings", "__pycache__");

    private final Path root;

    private SourceTree(Path root) {
        this.root = root;
    }

    /** Above the module that the test runs in. */
    static SourceTree ofThisRepository() {
        Path root = Path.of("").toAbsolutePath();
        while (root != null && !Files.exists(root.resolve("mvnw"))) {
            root = root.getParent();
        }
        if (root == null) {
            throw new IllegalStateException("no mvnw above " + Path.of("").toAbsolutePath());
        }
        return new SourceTree(root);
    }

    List<Path> textFiles() {
        return files().stream().filter(SourceTree::isText).toList();
    }

    List<Path> javaFiles() {
        return files().stream()
                .filter(file -> file.toString().endsWith(".java"))
                .toList();
    }

    boolean has(String name) {
        return Files.exists(root.resolve(name));
    }

    /** As a reader would name it. */
    String name(Path file) {
        return root.relativize(file).toString();
    }

    static List<String> lines(Path file) {
        return text(file).lines().toList();
    }

    static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Path> files() {
        List<Path> files = new ArrayList<>();
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                    return NOT_SOURCES.contains(String.valueOf(directory.getFileName()))
                            ? FileVisitResult.SKIP_SUBTREE
                            : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    // In a second worktree .git is a file.
                    if (attributes.isRegularFile() && !file.endsWith(".git")) {
                        files.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        files.sort(null);
        return files;
    }

    private static boolean isText(Path file) {
        return text(file).indexOf('\0') < 0;
    }
}
