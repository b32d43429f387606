// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.node.broker.BrokerEpochs;
import io.varve.node.config.NodeConfig;
import io.varve.storage.DataDirectory;
import io.varve.storage.DirectoryIdentity;
import io.varve.storage.DirectorySettings;
import io.varve.storage.StorageException;
import io.varve.storage.file.FileStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Locks the data directory and recovers its logs, several at a time. */
final class DataDirectoryStep implements NodeStep {

    private static final Logger LOG = LoggerFactory.getLogger(DataDirectoryStep.class);

    private final NodeConfig config;
    private final FileStore files;
    private final ExecutorService io;
    private @Nullable DataDirectory directory;
    private @Nullable BrokerEpochs epochs;
    private boolean stoppedCleanly;

    DataDirectoryStep(NodeConfig config, FileStore files) {
        this.config = config;
        this.files = files;
        this.io = ThreadPools.fixed("log-io", config.threads().io());
    }

    @Override
    public String name() {
        return "recover logs";
    }

    @Override
    public void start() throws StartFailure {
        Path path = config.storage().directory();
        try {
            DirectoryIdentity identity = DataDirectory.identify(files, path);
            Identities.requireNode(path, identity, config.identity().id());
            Identities.requireCluster(path, identity, config.cluster().clusterId());
            epochs = new BrokerEpochs(path, identity.directoryId());
            // Before any log is opened for writing (P29). A process that fails to get the lock took nothing away: the
            // one that has it took it long ago.
            stoppedCleanly = epochs.takeCleanStop();
            directory = DataDirectory.open(files, path, DirectorySettings.of(io));
        } catch (StorageException e) {
            throw StorageFailures.toStartFailure(path, e);
        } catch (IOException e) {
            throw StorageFailures.toStartFailure(path, StorageException.of("directory " + path, e));
        }
        LOG.info(
                "data directory {}: last stop {}, {} logs, {} of them damaged",
                path,
                stoppedCleanly ? "clean" : "not clean or never",
                directory().logs().size(),
                directory().logs().values().stream()
                        .filter(log -> log.damage().isPresent())
                        .count());
    }

    DataDirectory directory() {
        return Objects.requireNonNull(directory);
    }

    BrokerEpochs epochs() {
        return Objects.requireNonNull(epochs);
    }

    /** Whether the last process under this directory could prove that it had flushed everything. */
    boolean stoppedCleanly() {
        return stoppedCleanly;
    }

    @Override
    public void stop() throws Exception {
        try {
            if (directory != null) {
                boolean healthy = directory.failure().isEmpty();
                directory.close();
                if (healthy) {
                    epochs().noteCleanStop();
                }
            }
        } finally {
            ThreadPools.stop("log-io", io);
        }
    }
}
