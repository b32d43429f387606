// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.testkit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The names of one simulated disk, and what it still has to be told. A power loss costs what was not forced, not what there is.
 *
 * <p><i>confined to the {@code SimFs} lock</i>
 */
final class SimTree {
    private static final int TIDY_AT = 64;

    private SimFolder root = new SimFolder();
    /** Nodes by path, to be found without a walk; never iterated, for that order would be one of chance. */
    private final Map<Path, SimNode> known = new HashMap<>();
    /** In the order in which they became dirty. Some are clean by now. */
    private List<SimFile> dirtyFiles = new ArrayList<>();

    private final List<SimFolder> dirtyFolders = new ArrayList<>();
    private int tidyAt = TIDY_AT;
    private long usedBytes;

    @Nullable
    SimNode find(Path path) {
        SimNode node = known.get(path);
        if (node == null) {
            Path parent = path.getParent();
            if (parent == null) {
                return root;
            }
            node = find(parent) instanceof SimFolder folder ? folder.get(name(path)) : null;
            if (node != null) {
                known.put(path, node);
            }
        }
        return node;
    }

    /** The folder that holds {@code path}, or would. */
    @Nullable
    SimFolder parent(Path path) {
        Path parent = path.getParent();
        return parent == null ? null : find(parent) instanceof SimFolder folder ? folder : null;
    }

    static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    void add(SimFolder folder, Path path, SimNode node) {
        changes(folder);
        folder.add(name(path), node);
        known.put(path, node);
        if (node instanceof SimFile file) {
            count(file);
        }
    }

    private void count(SimFile file) {
        file.named = true;
        usedBytes += file.size();
    }

    void remove(SimFolder folder, Path path) {
        changes(folder);
        forget(folder.get(name(path)), path);
        folder.remove(name(path));
    }

    void rename(SimFolder folder, Path from, Path to) {
        changes(folder);
        forget(folder.get(name(to)), to);
        SimNode node = folder.get(name(from));
        folder.rename(name(from), name(to));
        known.remove(from);
        if (node instanceof SimFolder) {
            known.clear(); // all below it
        }
    }

    private void forget(@Nullable SimNode node, Path path) {
        known.remove(path);
        if (node instanceof SimFolder) {
            known.clear();
        } else if (node instanceof SimFile file) {
            file.named = false;
            usedBytes -= file.size();
        }
    }

    private void changes(SimFolder folder) {
        if (!folder.isDirty()) {
            dirtyFolders.add(folder);
        }
    }

    void force(SimFolder folder) {
        if (folder.isDirty()) {
            folder.force();
            dirtyFolders.remove(folder);
        }
    }

    /** To be called after a file has changed. */
    void changes(SimFile file) {
        if (file.watched) {
            return;
        }
        file.watched = true;
        if (dirtyFiles.size() >= tidyAt) {
            List<SimFile> still = new ArrayList<>();
            for (SimFile each : dirtyFiles) {
                each.watched = each.isDirty();
                if (each.watched) {
                    still.add(each);
                }
            }
            dirtyFiles = still;
            tidyAt = Math.max(TIDY_AT, 2 * still.size());
        }
        dirtyFiles.add(file);
    }

    void grew(SimFile file, long bytes) {
        if (file.named) {
            usedBytes += bytes;
        }
    }

    /** Of all files that have a name. */
    long usedBytes() {
        return usedBytes;
    }

    void losePower(SplittableRandom random) {
        dirtyFolders.forEach(folder -> folder.losePower(random));
        for (SimFile file : dirtyFiles) {
            file.losePower(random);
            file.watched = false;
        }
        settle();
    }

    private void settle() {
        known.clear();
        dirtyFolders.clear();
        dirtyFiles.clear();
        usedBytes = 0;
        count(root);
    }

    private void count(SimFolder folder) {
        for (SimNode node : folder.names().values()) {
            if (node instanceof SimFile file) {
                count(file);
            } else if (node instanceof SimFolder below) {
                count(below);
            }
        }
    }

    SimFolder copy() {
        return root.copy();
    }

    /** All of {@code image}, and nothing else. */
    void replaceWith(SimFolder image) {
        root = image.copy();
        settle();
    }

    /** Makes a file durable that was not there, with what is above it. */
    void put(Path path, SimFile file) {
        SimNode old = find(path);
        folder(path.getParent()).put(name(path), file);
        forget(old, path);
        count(file);
    }

    private SimFolder folder(@Nullable Path path) {
        if (path == null || path.getParent() == null) {
            return root;
        }
        if (find(path) instanceof SimFolder folder) {
            return folder;
        }
        SimFolder created = new SimFolder();
        folder(path.getParent()).put(name(path), created);
        return created;
    }

    /** In the order of their paths. */
    Map<Path, SimFile> files() {
        Map<Path, SimFile> all = new TreeMap<>();
        collect(Path.of("/"), root, all);
        return all;
    }

    private static void collect(Path path, SimFolder folder, Map<Path, SimFile> into) {
        folder.names().forEach((name, node) -> {
            if (node instanceof SimFile file) {
                into.put(path.resolve(name), file);
            } else if (node instanceof SimFolder below) {
                collect(path.resolve(name), below, into);
            }
        });
    }
}
