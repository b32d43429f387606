// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.MetadataRejection;
import io.varve.proto.v1.ErrorReason;
import java.util.List;
import org.junit.jupiter.api.Test;

class DiallingTest extends ControllerOverLog {
    @Test
    void shouldDialEveryNodeOnceWhenItBecomesActive() {
        lead(1);
        assertThat(dialled).containsExactly(ref(1), ref(2), ref(3), ref(4));
        pass(2_000, 1, 2, 3, 4);
        assertThat(dialled).hasSize(4);
    }

    private void dialed(int id, DialResult result) {
        core.onDialed(ref(id), result, now);
        applyAll();
    }

    @Test
    void shouldFenceAtOnceWhenDialIsRefusedTwice() {
        lead(1);
        dialed(3, DialResult.ANSWERED);
        dialled.clear();
        core.onHeartbeatStreamBroken(ref(3), now);
        dialed(3, DialResult.REFUSED);
        assertThat(fenced()).isEmpty();
        now += 99 * MS;
        dialed(3, DialResult.RESET);
        assertThat(dialled).containsExactly(ref(3), ref(3));
        assertThat(fenced()).containsExactly(3);
    }

    @Test
    void shouldNotTakeTwoRefusalsFarApartForProof() {
        lead(1);
        dialed(3, DialResult.REFUSED);
        for (int i = 0; i < 20; i++) {
            now += 101 * MS;
            dialed(3, DialResult.REFUSED);
        }
        assertThat(fenced()).isEmpty();
        assertThat(dialled.stream().filter(ref(3)::equals)).hasSize(10);
    }

    @Test
    void shouldLeaveSilenceToSession() {
        lead(1);
        core.onHeartbeatStreamBroken(ref(3), now);
        dialed(3, DialResult.SILENT);
        pass(2_900, 1, 2, 4);
        assertThat(fenced()).isEmpty();
        pass(1_000, 1, 2, 4);
        assertThat(fenced()).containsExactly(3);
    }

    @Test
    void shouldForgetRefusalsBeforeHeartbeat() {
        lead(1);
        dialed(3, DialResult.REFUSED);
        heartbeat(3);
        // this one was under way when the heartbeat came
        dialed(3, DialResult.REFUSED);
        core.onHeartbeatStreamBroken(ref(3), now);
        dialed(3, DialResult.REFUSED);
        assertThat(fenced()).isEmpty();
        dialed(3, DialResult.REFUSED);
        assertThat(fenced()).containsExactly(3);
    }

    @Test
    void shouldNotLetGuardsDelayWhatRefusedDialsProve() {
        lead(1);
        for (int id : List.of(2, 3, 4)) {
            dialed(id, DialResult.REFUSED);
            dialed(id, DialResult.REFUSED);
        }
        assertThat(fenced()).containsExactly(2, 3, 4);
    }

    @Test
    void shouldFenceAgainWhenFirstAttemptWasLost() {
        lead(1);
        dialed(3, DialResult.REFUSED);
        core.onDialed(ref(3), DialResult.REFUSED, now);
        assertThat(log).hasSize(1);
        log.clear();
        lastSubmitted.failed(MetadataRejection.indeterminate(ErrorReason.ERROR_REASON_UNKNOWN_SERVER_ERROR, "lost"));
        core.tick(now);
        applyAll();
        assertThat(fenced()).containsExactly(3);
    }

    @Test
    void shouldCountSilenceFromLastHeartbeatWhenDialIsAnswered() {
        lead(1);
        dialed(3, DialResult.SILENT);
        pass(2_000, 1, 2, 4);
        core.onHeartbeatStreamBroken(ref(3), now);
        dialed(3, DialResult.ANSWERED);
        pass(900, 1, 2, 4);
        assertThat(fenced()).isEmpty();
        pass(1_000, 1, 2, 4);
        assertThat(fenced()).containsExactly(3);
    }

    @Test
    void shouldNotTakeAnsweredDialForSignOfLife() {
        lead(1);
        for (int i = 0; i < 7; i++) { // a new process, which is not registered yet, answers in place of the old one
            core.onHeartbeatStreamBroken(ref(3), now);
            dialed(3, DialResult.ANSWERED);
            pass(500, 1, 2, 4);
        }
        assertThat(fenced()).containsExactly(3);
    }
}
