// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;

/**
 * What the disk and the file system give to one thread that does nothing but write blocks, with or without an fdatasync
 * after each. Run as a source file: {@code java dev/bench/BareLoop.java DIRECTORY MIB BLOCK_BYTES flushed|written}.
 * Prints MiB/s.
 */
final class BareLoop {
    private BareLoop() {}

    public static void main(String[] args) throws IOException {
        Path file = Files.createTempFile(Path.of(args[0]), "bare", ".log");
        long blocks = (Long.parseLong(args[1]) << 20) / Integer.parseInt(args[2]);
        ByteBuffer block = ByteBuffer.allocateDirect(Integer.parseInt(args[2]));
        byte[] random = new byte[block.capacity()];
        new Random(1).nextBytes(random);
        block.put(random);
        boolean flushed = args[3].equals("flushed");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            long start = System.nanoTime();
            for (long i = 0; i < blocks; i++) {
                block.rewind();
                while (block.hasRemaining()) {
                    channel.write(block);
                }
                if (flushed) {
                    channel.force(false);
                }
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf("%.1f%n", blocks * (double) block.capacity() / (1 << 20) / seconds);
        } finally {
            Files.delete(file);
        }
    }
}
