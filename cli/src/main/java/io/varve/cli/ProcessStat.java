// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the kernel says about a process in {@code /proc/PID/stat}. Immutable.
 *
 * @param state one letter, see proc(5)
 * @param cpuTicks processor time used so far, user and system, in ticks
 * @param startTicks when it began, in ticks since boot
 */
public record ProcessStat(long pid, char state, long cpuTicks, long startTicks) {
    /** USER_HZ, which is 100 on every Linux that Java runs on. */
    public static final double TICKS_PER_SECOND = 100;

    // Numbers of proc(5), minus the three fields up to the state and counted from 0.
    private static final int UTIME = 14 - 3;
    private static final int STIME = 15 - 3;
    private static final int STARTTIME = 22 - 3;

    /** Empty when there is no such process, or no /proc. */
    public static Optional<ProcessStat> of(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            // The name in parentheses may hold spaces and parentheses itself.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return Optional.of(new ProcessStat(
                    pid,
                    fields[0].charAt(0),
                    Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME]),
                    Long.parseLong(fields[STARTTIME])));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Dead, but its parent has not asked for its exit code yet; in a container perhaps nobody ever does. */
    public boolean isZombie() {
        return state == 'Z' || state == 'X';
    }

    public double cpuSeconds() {
        return cpuTicks / TICKS_PER_SECOND;
    }
}
