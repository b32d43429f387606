// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Compresses and decompresses the records of a batch. Sizes that the input declares are hints at most: the output grows as it comes, up to the limit, and
 * no allocation is larger than that. <i>Thread-safe.</i>
 */
final class Compression {
    private static final int GZIP_BUFFER_BYTES = 8192;
    private static final int ZSTD_LEVEL = 3;
    /** First guess of the output's size in terms of the input's; wrong guesses cost time only. */
    private static final int EXPECTED_RATIO = 4;
    /** A declared size is used as the first guess only up to this ratio, so that a few bytes cannot ask for the whole limit. */
    private static final int DECLARED_RATIO_MAX = 64;

    private static final int ZSTD_GROWTH = 4;

    private Compression() {}

    /** Appends the compressed bytes to {@code target}. */
    static void compress(Codec codec, byte[] source, int at, int length, ByteSink target) {
        switch (codec) {
            case NONE -> target.write(source, at, length);
            case GZIP -> gzip(source, at, length, target);
            case SNAPPY -> SnappyFrames.compress(source, at, length, target);
            case LZ4 -> Lz4Frame.compress(source, at, length, target);
            case ZSTD -> {
                target.reserve((int) Zstd.compressBound(length));
                int room = target.array().length - target.size();
                target.skip((int)
                        Zstd.compressByteArray(target.array(), target.size(), room, source, at, length, ZSTD_LEVEL));
            }
        }
    }

    /**
     * @return a heap buffer from 0 to limit
     * @throws InvalidBatchException TOO_LARGE above the limit, BAD_COMPRESSION for anything that the codec refuses
     */
    static ByteBuffer decompress(Codec codec, ByteBuffer source, int at, int length, int maxBytes) {
        byte[] input;
        int inputAt;
        if (source.hasArray()) {
            input = source.array();
            inputAt = source.arrayOffset() + at;
        } else {
            input = new byte[length];
            inputAt = 0;
            source.get(at, input);
        }
        ByteSink sink = new ByteSink((int) Math.min(maxBytes, (long) length * EXPECTED_RATIO), maxBytes);
        try {
            switch (codec) {
                case NONE -> sink.write(input, inputAt, length);
                case GZIP -> gunzip(input, inputAt, length, sink);
                case SNAPPY -> SnappyFrames.decompress(input, inputAt, length, sink);
                case LZ4 -> Lz4Frame.decompress(input, inputAt, length, sink);
                case ZSTD -> unzstd(input, inputAt, length, sink);
            }
        } catch (InvalidBatchException e) {
            throw e;
        } catch (IOException | RuntimeException e) { // codecs throw many kinds for damaged input
            throw new InvalidBatchException(
                    BatchCheck.Kind.BAD_COMPRESSION, codec.lowerCaseName() + ": " + e.getMessage(), e);
        }
        return ByteBuffer.wrap(sink.array(), 0, sink.size());
    }

    private static void gzip(byte[] source, int at, int length, ByteSink target) {
        try (GZIPOutputStream out = new GZIPOutputStream(target, GZIP_BUFFER_BYTES)) {
            out.write(source, at, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a sink in memory does not fail
        }
    }

    private static void gunzip(byte[] source, int at, int length, ByteSink target) throws IOException {
        try (GZIPInputStream in =
                new GZIPInputStream(new ByteArrayInputStream(source, at, length), GZIP_BUFFER_BYTES)) {
            byte[] buffer = new byte[GZIP_BUFFER_BYTES];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                target.write(buffer, 0, n);
            }
        }
    }

    /**
     * In one call into one array, again with a larger one when it did not fit: unlike the streaming decoder this needs no window, whose size the frame
     * declares (128 MiB at the highest level). Growing by four makes the repeated work less than half of the last pass.
     */
    private static void unzstd(byte[] source, int at, int length, ByteSink target) {
        long declared = Zstd.getFrameContentSize(source, at, length);
        boolean plausible = declared > 0 && declared <= (long) length * DECLARED_RATIO_MAX;
        long guess = plausible ? declared : (long) length * EXPECTED_RATIO;
        while (true) {
            int capacity = (int) Math.min(target.room(), guess);
            target.reserve(capacity);
            try {
                target.skip((int) Zstd.decompressByteArray(target.array(), 0, capacity, source, at, length));
                return;
            } catch (ZstdException e) {
                if (e.getErrorCode() != Zstd.errDstSizeTooSmall()) {
                    throw e;
                }
            }
            if (capacity == target.room()) {
                target.reserve(capacity + 1); // throws: over the limit
            }
            guess = (long) capacity * ZSTD_GROWTH + 1;
        }
    }
}
