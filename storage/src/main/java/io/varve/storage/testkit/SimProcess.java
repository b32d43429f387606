// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.testkit;

import io.varve.storage.file.FileStore;
import io.varve.storage.file.StoreFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A {@link SimFs} as one process sees it: after the process's end nothing it still tries has an effect.
 *
 * <p><i>thread-safe</i>
 */
final class SimProcess implements FileStore {
    private final SimFs fs;
    private final int process;

    SimProcess(SimFs fs, int process) {
        this.fs = fs;
        this.process = process;
    }

    private FileStore alive() throws IOException {
        if (fs.process() != process) {
            throw new IOException("the process is dead");
        }
        return fs;
    }

    @Override
    public StoreFile open(Path file, Mode mode) throws IOException {
        return alive().open(file, mode);
    }

    @Override
    public boolean exists(Path path) throws IOException {
        return alive().exists(path);
    }

    @Override
    public boolean isDirectory(Path path) throws IOException {
        return alive().isDirectory(path);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return alive().list(directory);
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        alive().createDirectories(directory);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        alive().rename(from, to);
    }

    @Override
    public void delete(Path path) throws IOException {
        alive().delete(path);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        alive().forceDirectory(directory);
    }

    @Override
    public Closeable lock(Path file) throws IOException {
        return alive().lock(file);
    }

    @Override
    public long freeBytes(Path directory) throws IOException {
        return alive().freeBytes(directory);
    }
}
