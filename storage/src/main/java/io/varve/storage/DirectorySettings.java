// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import java.time.InstantSource;
import java.util.concurrent.Executor;

/**
 * What a data directory is opened with.
 *
 * @param ioPool writes, flushes and recovers; one task per log at a time. Its threads must not be interrupted: the JDK closes a file whose reader or
 *     writer is
 * @param logDefaults settings of logs found on disk until {@link PartitionLog#configure}
 * @param clock names what is set aside, nothing else
 * @param journal when logs are flushed together
 *     <p><i>immutable</i>
 */
public record DirectorySettings(IoPool ioPool, LogSettings logDefaults, InstantSource clock, JournalSettings journal) {
    public static DirectorySettings of(Executor ioPool) {
        return new DirectorySettings(
                IoPool.of(ioPool), LogSettings.DEFAULT, InstantSource.system(), JournalSettings.DEFAULT);
    }
}
