// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import static io.varve.replication.replica.FollowingTest.followingWithThree;
import static io.varve.replication.replica.ReplicaRig.ID;
import static io.varve.replication.replica.ReplicaRig.batch;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.replica.ReplicaStatus.Role;
import io.varve.storage.StorageException;
import org.junit.jupiter.api.Test;

/** A follower whose disk refuses, and what it says to its leader when it can follow no more. */
class FollowerTroubleTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void shouldSayThatItsDiskIsFullAndComeBackLater() { // P36
        try (ReplicaRig rig = followingWithThree()) {
            rig.append(1, 1, 5, 1, 4, batch(6, 1, 2));
            rig.log.fail();
            rig.replica.logFailed(StorageException.Kind.DISK_FULL, "no space", 6, 6, rig.now);
            assertThat(rig.nack().code()).isEqualTo(NackCode.STORAGE_ERROR);
            rig.open(1, 1, 6);
            assertThat(rig.nack().code()).isEqualTo(NackCode.STORAGE_ERROR);
            assertThat(rig.replica.status().detail()).contains("no space");
            rig.tick(SECOND);
            rig.settle();
            rig.session(1, 1, 7, 6);
            assertThat(rig.log.calls).containsExactly("reopen", "replay");
            assertThat(rig.replica.status().detail()).isEmpty();
        }
    }

    @Test
    void shouldTakeNothingMoreWhileTheNodesDiskIsTooFull() { // P36
        try (ReplicaRig rig = followingWithThree()) {
            long end = rig.log.stagedEndOffset();
            rig.replica.diskFull("node 2: the disk of /data has 5 bytes free");
            rig.append(1, 1, 5, 1, 4, batch(end, 1, 2));
            ReplicaMessage.Nack nack = rig.nack();
            assertThat(nack.code()).isEqualTo(NackCode.STORAGE_ERROR);
            assertThat(nack.detail()).contains("/data");
            assertThat(rig.log.stagedEndOffset()).isEqualTo(end);
            rig.open(1, 1, 6);
            assertThat(rig.nack().code()).isEqualTo(NackCode.STORAGE_ERROR);

            rig.replica.diskFull(null);
            rig.session(1, 1, 7, end);
            rig.append(1, 1, 7, 1, 4, batch(end, 1, 2));
            assertThat(rig.log.stagedEndOffset()).isEqualTo(end + 2);
        }
    }

    @Test
    void shouldStayInSyncOnAFullDiskWhileNothingComes() { // P36
        try (ReplicaRig rig = followingWithThree()) {
            rig.replica.diskFull("node 2: the disk of /data has 5 bytes free");
            rig.append(1, 1, 5, 6, 1, 6);
            rig.write();
            assertThat(rig.replica.highWatermark()).isEqualTo(6);
            rig.replica.diskFull(null);
            rig.append(1, 1, 5, 1, 6, batch(6, 1, 2));
            assertThat(rig.log.stagedEndOffset()).isEqualTo(8);
        }
    }

    @Test
    void shouldFailWhenItsDiskIsOffline() { // P36
        try (ReplicaRig rig = followingWithThree()) {
            rig.log.fail();
            rig.log.refuseReopen = StorageException.Kind.IO;
            rig.replica.logFailed(StorageException.Kind.IO, "flush failed", 6, 6, rig.now);
            rig.tick(SECOND);
            rig.settle();
            assertThat(rig.replica.status().role()).isEqualTo(Role.FAILED);
        }
    }

    @Test
    void shouldEndItsSessionAloudWhenAnotherEpochBegins() { // P2, I26
        try (ReplicaRig rig = followingWithThree()) {
            rig.append(1, 1, 5, 1, 4, batch(6, 1, 2)); // never acknowledged
            rig.metadata(3, 2);
            assertLastWord(rig, NackCode.FENCED, 2);
        }
    }

    @Test
    void shouldEndItsSessionAloudWhenItIsClosed() { // I26
        try (ReplicaRig rig = followingWithThree()) {
            rig.append(1, 1, 5, 1, 4, batch(6, 1, 2));
            rig.replica.stop("the topic is deleted");
            assertLastWord(rig, NackCode.UNKNOWN_REPLICA, 1);
        }
    }

    @Test
    void shouldEndItsSessionAloudWhenItFails() { // or an idle leader has it in sync for ever
        try (ReplicaRig rig = followingWithThree()) {
            rig.replica.fail(new IllegalStateException("broken"));
            assertLastWord(rig, NackCode.STORAGE_ERROR, 1);
        }
    }

    @Test
    void shouldAnswerAnOpenThatWaitsForACutWhenItIsClosed() {
        try (ReplicaRig rig = followingWithThree()) {
            rig.metadata(3, 2);
            rig.replies.clear();
            rig.open(3, 2, 1);
            rig.message(3, new ReplicaMessage.Truncate(ID, 2, 1, 4, false));
            rig.open(3, 2, 2);
            rig.replies.clear();
            rig.replica.stop("the topic is deleted");
            ReplicaMessage.Nack nack = rig.nack();
            assertThat(nack.session()).isEqualTo(2);
            assertThat(nack.code()).isEqualTo(NackCode.UNKNOWN_REPLICA);
        }
    }

    @Test
    void shouldSayThatACutFailed() { // P36
        try (ReplicaRig rig = followingWithThree()) {
            rig.metadata(3, 2);
            rig.open(3, 2, 1);
            rig.message(3, new ReplicaMessage.Truncate(ID, 2, 1, 4, false));
            rig.log.failed = true;
            rig.settle();
            assertThat(rig.nack().code()).isEqualTo(NackCode.STORAGE_ERROR);
        }
    }

    private static void assertLastWord(ReplicaRig rig, NackCode code, int knownEpoch) {
        ReplicaMessage.Nack nack = rig.nack();
        assertThat(nack.code()).isEqualTo(code);
        assertThat(nack.leaderEpoch()).isEqualTo(1);
        assertThat(nack.session()).isEqualTo(5);
        assertThat(nack.here().leaderEpoch()).isEqualTo(knownEpoch);
        assertThat(rig.replies).isEmpty();
    }
}
