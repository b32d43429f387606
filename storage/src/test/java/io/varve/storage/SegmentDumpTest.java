// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static io.varve.storage.Batches.at;
import static io.varve.storage.Batches.produced;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.storage.testkit.SimFs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SegmentDumpTest {
    private static final Path SEGMENT =
            Directories.ROOT.resolve("logs").resolve(Directories.LOG.toString()).resolve("00000000000000000000.log");

    private final SimFs files = new SimFs(1);

    @BeforeEach
    void threeBatches() throws Exception {
        PartitionLog log = Directories.format(files, Directories.ROOT, LogSettings.DEFAULT)
                .create(Directories.LOG, LogSettings.DEFAULT);
        for (int i = 0; i < 6; i += 2) {
            log.stage(at(i, 4, produced(1000 + i, "a", "b")));
        }
    }

    private List<SegmentDump.Batch> dump() throws StorageException {
        List<SegmentDump.Batch> all = new ArrayList<>();
        SegmentDump.read(files, SEGMENT, all::add);
        return all;
    }

    @Test
    void shouldShowEveryBatch() throws Exception {
        assertThat(dump()).extracting(SegmentDump.Batch::baseOffset).containsExactly(0L, 2L, 4L);
        assertThat(dump()).allSatisfy(batch -> {
            assertThat(batch.problem()).isEmpty();
            assertThat(batch.leaderEpoch()).isEqualTo(4);
            assertThat(batch.recordCount()).isEqualTo(2);
        });
    }

    @Test
    void shouldNameWhatIsWrongAndGoOn() throws Exception {
        long second = dump().get(1).position();
        files.flipBit(SEGMENT, 8 * (second + 65));
        assertThat(dump()).extracting(batch -> batch.problem().isPresent()).containsExactly(false, true, false);
    }

    @Test
    void shouldEndAtALengthThatCannotBe() throws Exception {
        long second = dump().get(1).position();
        files.flipBit(SEGMENT, 8 * (second + 8) + 3);
        assertThat(dump()).hasSize(2);
        assertThat(dump().get(1).problem().orElseThrow()).startsWith("no batch");
        files.cut(SEGMENT, second + 5);
        assertThat(dump()).hasSize(2);
    }
}
