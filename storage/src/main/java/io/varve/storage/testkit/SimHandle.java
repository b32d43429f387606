// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.testkit;

import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;

/**
 * An open file of a {@link SimFs}; dead with the process that opened it.
 *
 * <p><i>thread-safe</i>
 */
final class SimHandle implements StoreFile {
    private final SimFs fs;
    private final Path path;
    private final SimFile file;
    private final boolean writable;
    private final int process;
    private boolean closed; // guarded by fs

    SimHandle(SimFs fs, Path path, SimFile file, boolean writable, int process) {
        this.fs = fs;
        this.path = path;
        this.file = file;
        this.writable = writable;
        this.process = process;
    }

    private void requireOpen() throws IOException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public boolean isOpen() {
        synchronized (fs) {
            return !closed && process == fs.process();
        }
    }

    @Override
    public long size() throws IOException {
        synchronized (fs) {
            requireOpen();
            return file.size();
        }
    }

    @Override
    public long write(ByteBuffer[] buffers, int first, int count, long at) throws IOException {
        synchronized (fs) {
            requireOpen();
            if (!writable) {
                throw new IOException(path + " is open for reading");
            }
            return fs.write(path, file, buffers, first, count, at);
        }
    }

    @Override
    public int read(ByteBuffer into, long at) throws IOException {
        synchronized (fs) {
            requireOpen();
            return fs.read(path, file, into, at);
        }
    }

    @Override
    public void force() throws IOException {
        synchronized (fs) {
            requireOpen();
            fs.force(path, file);
        }
    }

    @Override
    public void truncate(long size) throws IOException {
        synchronized (fs) {
            requireOpen();
            fs.truncate(file, size);
        }
    }

    @Override
    public void close() {
        synchronized (fs) {
            if (isOpen()) {
                fs.closed();
            }
            closed = true;
        }
    }
}
