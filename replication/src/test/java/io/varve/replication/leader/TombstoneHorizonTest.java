// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import static io.varve.replication.leader.LeaderStage.EPOCH;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.replication.protocol.Rules;
import io.varve.storage.Chunk;
import io.varve.storage.EpochEntry;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Followers of a compacted log that may have missed tombstones (P8). */
class TombstoneHorizonTest {
    private final LeaderStage stage = new LeaderStage(Rules.ALL);

    @AfterEach
    void everyChunkIsReleased() {
        stage.close();
        assertThat(Chunk.openCount()).isZero();
    }

    @Test
    void shouldBeginAFollowerAnewThatMayHaveMissedWhatTombstonesDeleted() {
        stage.log.write(1, 4, 4);
        stage.log.tombstoneHorizon = 5;
        stage.lead(List.of(1, 2, 3)).links(2, 3);
        stage.state(2, 4, 4, new EpochEntry(1, 0));
        stage.state(3, 5, 4, new EpochEntry(1, 0));
        assertThat(stage.said).contains("2 DATA Reset 1 to 0", "3 DATA Truncate 2 to 5");
    }

    @Test
    void shouldBeginAFollowerAnewOnceForWhatWasCompactedBefore() {
        stage.log.write(1, 4, 4);
        stage.log.tombstoneHorizon = 8;
        stage.lead(List.of(1)).links(2);
        stage.state(2, 4, 4, new EpochEntry(1, 0)).ack(2, 0);
        stage.links(2).streams(2, 4);
        stage.log.tombstoneHorizon = 9;
        stage.links(2).streams(2, 4);
        assertThat(stage.said.stream().filter(line -> line.contains("Reset")))
                .containsExactly("2 DATA Reset 1 to 0", "2 CATCH_UP Reset 4 to 0");
    }

    @Test
    void shouldNotTrustAResetThatNobodyConfirmed() {
        stage.log.write(1, 4, 4);
        stage.log.tombstoneHorizon = 8;
        stage.lead(List.of(1)).links(2);
        stage.state(2, 4, 4, new EpochEntry(1, 0));
        stage.links(2).state(2, 4, 4, new EpochEntry(1, 0));
        assertThat(stage.said).contains("2 DATA Reset 1 to 0", "2 DATA Reset 2 to 0");
    }

    @Test
    void shouldSendNothingOfWhatLostItsTombstonesWhileItWasRead() {
        stage.log.write(1, 4, 4);
        stage.nodes.ineligible.add(2);
        stage.lead(EPOCH, List.of(1), 1).links(2);
        stage.appendDurably(2);
        stage.streams(2, 4).streams(2, 4);
        stage.log.tombstoneHorizon = 8;
        stage.log.answerRead();
        stage.turn();
        assertThat(stage.said).noneMatch(line -> line.contains("Append"));
        stage.state(2, 4, 4, new EpochEntry(1, 0));
        assertThat(stage.said).contains("2 CATCH_UP Reset 3 to 0");
    }
}
