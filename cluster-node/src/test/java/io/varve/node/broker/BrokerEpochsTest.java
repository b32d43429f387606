// SPDX-License-Identifier: Apache-2.0
package io.varve.node.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerEpochsTest {

    @TempDir
    private Path dir;

    private final UUID directoryId = new UUID(1, 2);

    @Test
    void shouldProveACleanStopOnce() throws Exception {
        stopCleanly(17);

        assertThat(epochs().takeCleanStop()).isTrue();
        assertThat(epochs().takeCleanStop()).isFalse();
        assertThat(epochs().stored()).isEqualTo(17);
    }

    @Test
    void shouldNotTakeTheProofOfAnotherEpochOrDirectory() throws Exception {
        stopCleanly(17);
        epochs().store(18);
        assertThat(epochs().takeCleanStop()).isFalse();

        stopCleanly(18);
        assertThat(new BrokerEpochs(dir, new UUID(3, 4)).takeCleanStop()).isFalse();
    }

    @Test
    void shouldTakeADamagedFileForNone() throws Exception {
        assertThat(epochs().stored()).isZero();
        epochs().store(17);
        Path file = dir.resolve("broker-epoch");
        byte[] bytes = Files.readAllBytes(file);
        for (int i = 0; i < bytes.length - 1; i++) {
            byte[] damaged = bytes.clone();
            damaged[i] ^= 1;
            Files.write(file, damaged);
            assertThat(epochs().stored()).as("byte %d flipped", i).isZero();
        }
        Files.write(file, new byte[0]);
        assertThat(epochs().stored()).isZero();
    }

    @Test
    void shouldNotProveWhatAnotherProcessDid() throws Exception {
        epochs().store(17);
        BrokerEpochs afterACrash = epochs();
        assertThat(afterACrash.takeCleanStop()).isFalse();
        afterACrash.noteCleanStop();
        assertThat(epochs().takeCleanStop()).isFalse();

        stopCleanly(18);
        BrokerEpochs afterACleanStop = epochs();
        assertThat(afterACleanStop.takeCleanStop()).isTrue();
        afterACleanStop.noteCleanStop();
        assertThat(epochs().takeCleanStop()).isTrue();
    }

    private void stopCleanly(long epoch) throws Exception {
        BrokerEpochs process = epochs();
        process.store(epoch);
        process.noteCleanStop();
    }

    private BrokerEpochs epochs() {
        return new BrokerEpochs(dir, directoryId);
    }
}
