// SPDX-License-Identifier: Apache-2.0
package io.varve.node.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.AllocateProducerIds;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.CommandResult.ProducerIds;
import io.varve.metadata.image.RequestId;
import io.varve.metadata.runtime.IndexWait;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RoutedDoorTest {

    private static final MetadataCommand PLAIN = MetadataCommand.unfenced(new AllocateProducerIds(new BrokerRef(1, 1)));
    private static final MetadataCommand NAMED = PLAIN.once(new RequestId(new UUID(1, 1), 1));

    private final FakeMetadata metadata = new FakeMetadata();
    private final ScriptedVoters voters = new ScriptedVoters();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    @AfterEach
    void close() {
        timer.shutdownNow();
    }

    @Test
    void shouldFollowAHintAndStayThere() throws Exception {
        voters.then(v -> notController(3)).then(v -> given(0));
        RoutedDoor door = door(Duration.ofSeconds(10));

        get(door.execute(PLAIN));
        get(door.execute(PLAIN));

        assertThat(voters.asked).containsExactly(1, 3, 3);
    }

    @Test
    void shouldAskWhomTheNewestImageNames() throws Exception {
        voters.then(v -> given(0));
        RoutedDoor door = door(Duration.ofSeconds(10));
        metadata.controller(2, 7);

        get(door.execute(PLAIN));

        assertThat(voters.asked).containsExactly(2);
    }

    @Test
    void shouldAnswerOnlyWhenThisNodeHasWhatWasDone() throws Exception {
        voters.then(v -> given(2));
        CompletableFuture<ApplyReply> answer = door(Duration.ofSeconds(10)).execute(PLAIN);

        metadata.append();
        assertThat(answer).isNotDone();
        metadata.append();

        assertThat(get(answer).index()).isEqualTo(2);
    }

    @Test
    void shouldAskAgainWhatCertainlyWasNotApplied() throws Exception {
        voters.then(v -> new VoterAnswer.Unreachable<>(false, "nobody listens")).then(v -> given(0));

        get(door(Duration.ofSeconds(10)).execute(PLAIN));

        assertThat(voters.asked).containsExactly(1, 2);
    }

    @Test
    void shouldNotRepeatWhatMayHaveBeenApplied() {
        voters.then(v -> new VoterAnswer.Unreachable<>(true, "the stream broke"));

        assertThatThrownBy(() -> get(door(Duration.ofSeconds(10)).execute(PLAIN)))
                .hasCauseInstanceOf(MetadataRejection.class)
                .cause()
                .isInstanceOfSatisfying(
                        MetadataRejection.class, e -> assertThat(e.outcome()).isEqualTo(Outcome.OUTCOME_INDETERMINATE));
        assertThat(voters.asked).containsExactly(1);
    }

    @Test
    void shouldRepeatWhatTheMachineAppliesOnce() throws Exception {
        voters.then(v -> new VoterAnswer.Unreachable<>(true, "the stream broke"))
                .then(v -> given(0));

        get(door(Duration.ofSeconds(10)).execute(NAMED));

        assertThat(voters.asked).containsExactly(1, 2);
    }

    @Test
    void shouldSayAfterAWhileThatThereIsNoController() {
        voters.then(v -> notController(0));

        assertThatThrownBy(() -> get(door(Duration.ofMillis(100)).execute(NAMED)))
                .hasMessageContaining("QUORUM_UNAVAILABLE")
                .hasMessageContaining("100 ms");
        assertThat(voters.asked).contains(1, 2, 3);
    }

    private RoutedDoor door(Duration patience) {
        return new RoutedDoor(voters, metadata, IndexWait.on(metadata, Runnable::run), timer, patience);
    }

    private static VoterAnswer<ApplyReply> given(long index) {
        return new VoterAnswer.Given<>(new ApplyReply(index, 1, new ProducerIds(0, 1)));
    }

    private static VoterAnswer<ApplyReply> notController(int hint) {
        return new VoterAnswer.Refused<>(
                MetadataRejection.notApplied(ErrorReason.ERROR_REASON_NOT_CONTROLLER, "not me"), hint);
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(10, TimeUnit.SECONDS);
    }
}
