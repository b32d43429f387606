// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An open file. Reads may run beside each other and beside one writer.
 *
 * <p><i>thread-safe</i> for reads, one writer at a time
 */
public interface StoreFile extends Closeable {
    long size() throws IOException;

    /**
     * Writes from {@code at} on, gathering {@code count} buffers from index {@code first}. May write less than all of them, as the kernel does; the
     * buffers' positions tell.
     *
     * @return bytes written
     */
    long write(ByteBuffer[] buffers, int first, int count, long at) throws IOException;

    /** Fills {@code into} from {@code at} on as far as the file goes; returns the bytes read, 0 at or beyond the end. */
    int read(ByteBuffer into, long at) throws IOException;

    /** Makes the contents durable, and the size with them (fdatasync). After a failure nothing is known about what is on disk (P36). */
    void force() throws IOException;

    /** Cuts the file to {@code size} bytes; durable after the next {@link #force}. */
    void truncate(long size) throws IOException;

    /** False after {@link #close}, and after an interrupt of a thread that was reading or writing: the JDK closes the file then. */
    boolean isOpen();

    @Override
    void close() throws IOException;

    /** Writes the whole of {@code source} at {@code at}. */
    default void writeFully(ByteBuffer source, long at) throws IOException {
        ByteBuffer[] one = {source};
        long next = at;
        while (source.hasRemaining()) {
            next += write(one, 0, 1, next);
        }
    }
}
