// SPDX-License-Identifier: Apache-2.0
package io.varve.node.broker;

import io.varve.metadata.broker.RestartClaim;
import io.varve.metadata.broker.RestartClaim.Marker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * The broker epoch on disk, and the proof of a clean stop (P29).
 *
 * <p>The epoch is durable before the first heartbeat under it: a directory whose epoch is older than the last one the
 * controller saw is an older image of the disk. The proof is taken away, durably, before any log is opened for writing,
 * and put back when every log is flushed and none will be written. <i>Confined to start-up and shutdown.</i>
 */
public final class BrokerEpochs {

    private static final String VERSION = "v1";

    private final SmallFile epochFile;
    private final SmallFile cleanFile;
    private final UUID directoryId;
    private boolean provable;

    public BrokerEpochs(Path dataDirectory, UUID directoryId) {
        this.epochFile = new SmallFile(dataDirectory.resolve("broker-epoch"));
        this.cleanFile = new SmallFile(dataDirectory.resolve("clean-stop"));
        this.directoryId = directoryId;
    }

    /** The epoch stored last; 0 for none. */
    public long stored() throws IOException {
        return epochOf(epochFile);
    }

    public void store(long brokerEpoch) throws IOException {
        epochFile.write(text(brokerEpoch));
        provable = true;
    }

    /** Whether the node stopped cleanly under the stored epoch. The proof is gone afterwards. */
    public boolean takeCleanStop() throws IOException {
        long clean = epochOf(cleanFile);
        cleanFile.delete();
        Optional<Marker> marker = clean > 0 ? Optional.of(new Marker(clean, directoryId)) : Optional.empty();
        provable = RestartClaim.of(stored(), directoryId, marker).clean();
        return provable;
    }

    /**
     * Everything is flushed, and nothing will be written. Leaves no proof if this process stored no epoch and found no
     * proof: then it knows nothing about what its predecessor lost.
     */
    public void noteCleanStop() throws IOException {
        long epoch = stored();
        if (epoch > 0 && provable) {
            cleanFile.write(text(epoch));
        }
    }

    private String text(long brokerEpoch) {
        return VERSION + " " + directoryId + " " + brokerEpoch;
    }

    private long epochOf(SmallFile file) throws IOException {
        Optional<String> text = file.read();
        String prefix = VERSION + " " + directoryId + " ";
        if (text.isEmpty() || !text.get().startsWith(prefix)) {
            return 0;
        }
        try {
            return Long.parseLong(text.get().substring(prefix.length()));
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
