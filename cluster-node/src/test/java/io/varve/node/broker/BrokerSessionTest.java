// SPDX-License-Identifier: Apache-2.0
package io.varve.node.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.varve.metadata.MetadataRejection;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.FeatureRange;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.MetadataRecord.BrokerRecord;
import io.varve.proto.v1.ErrorReason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerSessionTest {

    private static final BrokerImage.Identity IDENTITY = new BrokerImage.Identity(new UUID(1, 1), new UUID(2, 2));

    private final FakeController controller = new FakeController();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private BrokerEpochs epochs;

    @BeforeEach
    void open(@TempDir Path dir) {
        epochs = new BrokerEpochs(dir, new UUID(1, 1));
    }

    @AfterEach
    void close() {
        timer.shutdownNow();
    }

    @Test
    void shouldRegisterAsSoonAsThereIsAControllerAndStoreTheEpoch() throws Exception {
        controller.notActiveFor = 3;

        BrokerRef broker = BrokerSession.register(controller, registration(), epochs, () -> false);

        assertThat(broker).isEqualTo(new BrokerRef(1, 42));
        assertThat(epochs.stored()).isEqualTo(42);
        assertThat(controller.registrations).hasSize(4);
    }

    @Test
    void shouldGiveUpWhenRefusedOrTold() {
        controller.refusal = Optional.of(ErrorReason.ERROR_REASON_DUPLICATE_BROKER_REGISTRATION);
        assertThatThrownBy(() -> BrokerSession.register(controller, registration(), epochs, () -> false))
                .isInstanceOf(MetadataRejection.class);

        controller.notActiveFor = Integer.MAX_VALUE;
        assertThatThrownBy(() -> BrokerSession.register(
                        controller, registration(), epochs, () -> controller.registrations.size() > 5))
                .isInstanceOf(TimeoutException.class)
                .hasMessageContaining("node 1");
    }

    @Test
    void shouldShowLifeWithTheIndexApplied() {
        BrokerSession session = session(() -> {});
        session.start();

        await().until(() -> controller.heartbeats.size() >= 3);
        assertThat(controller.heartbeats)
                .allMatch(h -> h.appliedIndex() == 77 && h.broker().brokerEpoch() == 42);
    }

    @Test
    void shouldTakePartOnceAnImageOfItsOwnEpochSaysSo() {
        BrokerSession session = session(() -> {});

        session.imageApplied(image(41, false));
        session.imageApplied(image(42, true));
        assertThat(session.unfenced()).isNotDone();

        session.imageApplied(image(42, false));
        assertThat(session.unfenced()).isCompleted();
    }

    @Test
    void shouldTellOnceWhenSomebodyElseRegisteredUnderItsId() throws Exception {
        CountDownLatch superseded = new CountDownLatch(1);
        controller.refusal = Optional.of(ErrorReason.ERROR_REASON_STALE_BROKER_EPOCH);
        session(superseded::countDown).start();

        assertThat(superseded.await(10, TimeUnit.SECONDS)).isTrue();
    }

    private BrokerSession session(Runnable onSuperseded) {
        return new BrokerSession(controller, new BrokerRef(1, 42), () -> 77, timer, Duration.ofMillis(5), onSuperseded);
    }

    private static RegisterBroker registration() {
        return new RegisterBroker(1, IDENTITY, List.of(), "", FeatureRange.SUPPORTED, 0, false, List.of());
    }

    private static MetadataImage image(long epoch, boolean fenced) {
        return MetadataImage.EMPTY.plus(new BrokerRecord(new BrokerImage(
                1,
                epoch,
                IDENTITY,
                List.of(),
                "",
                FeatureRange.SUPPORTED,
                new BrokerImage.Liveness(fenced, false, 0),
                List.of())));
    }
}
