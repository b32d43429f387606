// SPDX-License-Identifier: Apache-2.0
package io.varve.it.cli;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Made-up system logs, of the size and shape of real ones. Stateless. */
final class LogFile {
    private static final int LINES = 2_000;
    private static final String[] PROGRAMS = {"sshd", "kernel", "CRON", "systemd", "dhclient", "su(pam_unix)"};
    private static final String[] EVENTS = {
        "session opened for user root by (uid=0)",
        "Failed password for invalid user admin from 10.0.0.%d port %d ssh2",
        "authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=host-%d.example  user=guest",
        "connection from 172.16.1.%d () at port %d",
        "ALERT exited abnormally with [1]",
        "caf\u00e9 \u20ac %d"
    };

    private LogFile() {}

    /** About 200 KB of lines of varying length, some empty, some doubled, the last one perhaps without its end. */
    static byte[] of(long seed, String lineEnd, boolean finalLineEnd) {
        SplittableRandom random = new SplittableRandom(seed);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < LINES; i++) {
            String line = random.nextInt(100) == 0 ? "" : line(random);
            text.append(line).append(i == LINES - 1 && !finalLineEnd ? "the end" : lineEnd);
            if (random.nextInt(50) == 0 && i < LINES - 1) {
                text.append(line).append(lineEnd);
            }
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String line(SplittableRandom random) {
        return "Jun %2d %02d:%02d:%02d combo %s[%d]: "
                        .formatted(
                                1 + random.nextInt(30),
                                random.nextInt(24),
                                random.nextInt(60),
                                random.nextInt(60),
                                PROGRAMS[random.nextInt(PROGRAMS.length)],
                                random.nextInt(32_768))
                + EVENTS[random.nextInt(EVENTS.length)].formatted(random.nextInt(256), random.nextInt(65_536));
    }

    /** Lines of bytes that no character set likes. */
    static byte[] binary(long seed) {
        byte[] bytes = new byte[200_000];
        new SplittableRandom(seed).nextBytes(bytes);
        bytes[bytes.length - 1] = '\n';
        return bytes;
    }

    /** What consuming the file gives: it, with a line feed at the end. */
    static byte[] consumed(byte[] file) {
        if (file[file.length - 1] == '\n') {
            return file;
        }
        byte[] ended = Arrays.copyOf(file, file.length + 1);
        ended[file.length] = '\n';
        return ended;
    }

    /** The lines in an order that does not depend on theirs. */
    static List<String> sortedLines(byte[] file) {
        List<String> lines = new ArrayList<>();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (byte b : file) {
            if (b == '\n') {
                lines.add(line.toString(StandardCharsets.ISO_8859_1));
                line.reset();
            } else {
                line.write(b);
            }
        }
        if (line.size() > 0) {
            lines.add(line.toString(StandardCharsets.ISO_8859_1));
        }
        lines.sort(null);
        return lines;
    }
}
