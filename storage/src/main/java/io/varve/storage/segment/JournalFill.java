// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.varve.record.BatchHeader;
import io.varve.storage.EpochEntry;
import io.varve.storage.file.FileStore;
import io.varve.storage.file.StoreFile;
import io.varve.storage.journal.Piece;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes behind what a log's last file still has those batches that were flushed to the directory's journal only. A flush of the log's own file covers
 * everything before it, so what is missing is one run of batches up to the log's end.
 *
 * <p><i>confined to one thread</i>
 */
final class JournalFill {
    private final FileStore files;
    private final List<Piece> pieces;
    private final int maxBatchBytes;
    private final boolean chainRebuilt;
    private EpochChain chain;
    private long offset;
    private long position;
    private @Nullable String damage;

    /**
     * @param pieces all that the journal has of the log, in order
     * @param chainRebuilt from what the log's own files hold: the journal's batches may be of later epochs
     */
    JournalFill(FileStore files, List<Piece> pieces, int maxBatchBytes, EpochChain chain, boolean chainRebuilt) {
        this.files = files;
        this.pieces = pieces;
        this.maxBatchBytes = maxBatchBytes;
        this.chain = chain;
        this.chainRebuilt = chainRebuilt;
    }

    /** Goes on from where the file ends, at an offset and a position; returns whether there was anything. */
    boolean fill(StoreFile into, long fromOffset, long fromPosition, IndexBuilder index) throws IOException {
        offset = fromOffset;
        position = fromPosition;
        List<Piece> missing = new ArrayList<>();
        for (Piece piece : pieces) {
            if (piece.baseOffset() >= fromOffset) {
                missing.add(piece);
            }
        }
        if (missing.isEmpty()) {
            return false;
        }
        for (Piece piece : missing) {
            if (piece.baseOffset() != offset) {
                damage = "the log ends at " + offset + ", the journal goes on at " + piece.baseOffset();
                break;
            }
            if (!copy(piece, into, index)) {
                break;
            }
        }
        return position > fromPosition;
    }

    /** Returns false at a batch that is not whole. */
    private boolean copy(Piece piece, StoreFile into, IndexBuilder index) throws IOException {
        ByteBuf memory = UnpooledByteBufAllocator.DEFAULT.directBuffer(Math.max(piece.sizeBytes(), 1));
        try (StoreFile from = files.open(piece.file(), FileStore.Mode.READ)) {
            ByteBuffer batch = memory.nioBuffer(0, piece.sizeBytes());
            int read = from.read(batch, piece.position());
            batch.flip();
            if (chainRebuilt && read >= BatchHeader.SIZE_BYTES && BatchHeader.crc(batch, 0) == piece.crc()) {
                learn(BatchHeader.partitionLeaderEpoch(batch, 0));
            }
            String problem = BatchVerdict.problem(batch, 0, read, maxBatchBytes, offset, chain);
            if (problem == null
                    && (BatchHeader.crc(batch, 0) != piece.crc()
                            || BatchHeader.sizeInBytes(batch, 0) != piece.sizeBytes())) {
                problem = "another batch stands there"; // of an earlier life of the file
            }
            if (problem != null) {
                if (piece.proven()) {
                    damage = piece.file() + " at byte " + piece.position() + ": " + problem;
                }
                return false; // the journal's last group was on its way when the power went: nobody was told of it
            }
            if (into.size() > position) {
                into.truncate(position);
            }
            index.see(offset, position, batch, 0);
            into.writeFully(batch.duplicate(), position);
            position += piece.sizeBytes();
            offset = BatchHeader.nextOffset(batch, 0);
            return true;
        } finally {
            memory.release();
        }
    }

    private void learn(int epoch) {
        if (epoch > chain.lastEpoch()) {
            chain = chain.with(new EpochEntry(epoch, offset));
        }
    }

    /** With the epochs of the batches that were written, if it was rebuilt. */
    EpochChain chain() {
        return chain;
    }

    /** Where the log ends now. */
    long offset() {
        return offset;
    }

    long position() {
        return position;
    }

    /** What was flushed and is not there any more. */
    @Nullable
    String damage() {
        return damage;
    }
}
