// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

/**
 * When and where many logs are flushed together: see {@link io.varve.storage.journal.Journal}.
 *
 * @param fromLogs the journal is used while at least this many logs of the directory have something to write; below it each log flushes its own file,
 *     which is cheaper then. {@link #NEVER} for never
 * @param maxGroupBytes a log with more than this to flush at once flushes its own file: it would be written twice otherwise
 * @param fileBytes a file of the journal is full from here on
 * @param files how many files there may be; while all of them are needed, logs flush their own files
 *     <p><i>immutable</i>
 */
public record JournalSettings(int fromLogs, int maxGroupBytes, long fileBytes, int files) {
    /** For {@link #fromLogs}. */
    public static final int NEVER = Integer.MAX_VALUE;

    /** Measured: docs/adr/0001-flushing-at-scale.md. */
    public static final JournalSettings DEFAULT = new JournalSettings(32, 64 << 10, 64L << 20, 3);

    public JournalSettings {
        if (fromLogs < 1 || maxGroupBytes < 0 || fileBytes < 4096 || files < 2) {
            throw new IllegalArgumentException("journal settings out of range: from " + fromLogs + " logs, "
                    + maxGroupBytes + " bytes, " + files + " files of " + fileBytes + " bytes");
        }
    }
}
