// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.nio.file.Path;

/**
 * Where the node keeps what must survive it. <i>Immutable.</i>
 *
 * @param directory logs and their small files
 * @param raftDirectory the metadata quorum's log and snapshots
 * @param scrub how it is read again
 */
public record StorageConfig(Path directory, Path raftDirectory, ScrubConfig scrub) {}
