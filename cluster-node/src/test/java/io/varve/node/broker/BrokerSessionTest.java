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
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.MetadataRecord.BrokerRecord;
import io.varve.node.config.MembershipConfig;
import io.varve.proto.v1.ErrorReason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerSessionTest {

    private static final BrokerImage.Identity IDENTITY = new BrokerImage.Identity(new UUID(1, 1), new UUID(2, 2));

    private final FakeVoters controller = new FakeVoters();
    private final List<MetadataError> ends = new CopyOnWriteArrayList<>();
    private final List<Long> wanted = new CopyOnWriteArrayList<>();
    private final List<Boolean> isolations = new CopyOnWriteArrayList<>();
    private BrokerEpochs epochs;

    @BeforeEach
    void open(@TempDir Path dir) {
        epochs = new BrokerEpochs(dir, new UUID(1, 1));
    }

    @Test
    void shouldRegisterAsSoonAsThereIsAControllerAndStoreTheEpoch() throws Exception {
        controller.active = 0;

        try (BrokerSession session = session()) {
            session.start();
            assertThat(session.registered()).isNotDone();
            controller.active = 1;

            assertThat(session.registered().get(10, TimeUnit.SECONDS)).isEqualTo(new BrokerRef(1, 42));
            assertThat(epochs.stored()).isEqualTo(42);
            await().until(() -> controller.heartbeats.size() >= 3);
            assertThat(controller.heartbeats).allMatch(h -> h.broker().brokerEpoch() == 42);
        }
    }

    @Test
    void shouldSayWhyTheControllerWillNotHaveIt() {
        controller.refusal = Optional.of(ErrorReason.ERROR_REASON_DUPLICATE_BROKER_REGISTRATION);
        try (BrokerSession session = session()) {
            session.start();

            assertThatThrownBy(() -> session.registered().get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(MetadataRejection.class);
            await().untilAsserted(() -> assertThat(ends).hasSize(1));
        }
    }

    @Test
    void shouldTakePartOnceAnImageOfItsOwnEpochSaysSo() throws Exception {
        try (BrokerSession session = session()) {
            session.start();
            session.registered().get(10, TimeUnit.SECONDS);

            session.imageApplied(image(41, false));
            session.imageApplied(image(42, true));
            await().until(() -> controller.heartbeats.stream().anyMatch(h -> h.appliedIndex() == 42));
            assertThat(session.unfenced()).isNotDone();

            session.imageApplied(image(42, false));
            session.unfenced().get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void shouldEndWhenSomebodyElseRegisteredUnderItsId() throws Exception {
        try (BrokerSession session = session()) {
            session.start();
            session.registered().get(10, TimeUnit.SECONDS);

            session.imageApplied(image(43, true, new BrokerImage.Identity(new UUID(1, 1), new UUID(3, 3))));

            await().untilAsserted(() -> assertThat(ends).hasSize(1));
            assertThat(ends.get(0).message()).contains("43").contains("42");
        }
    }

    @Test
    void shouldFollowTheHintToTheControllerAndAskForTheMetadataOfItsRegistration() throws Exception {
        controller.voters = List.of(1, 2, 3);
        controller.active = 3;
        try (BrokerSession session = session()) {
            session.start();

            session.registered().get(10, TimeUnit.SECONDS);

            assertThat(controller.asked.subList(0, 2)).containsExactly(1, 3);
            await().until(() -> wanted.contains(42L));
        }
    }

    @Test
    void shouldAskAnotherVoterAtOnceWhenTheStreamToTheControllerBreaks() throws Exception {
        controller.voters = List.of(1, 2);
        try (BrokerSession session = session()) {
            session.start();
            await().until(() -> controller.heartbeats.size() >= 2);

            controller.active = 2;
            controller.broken.accept(1);

            await().until(() -> controller.asked.get(controller.asked.size() - 1) == 2);
        }
    }

    @Test
    void shouldSayWhenItIsIsolatedAndWhenItIsNotAnyMore() throws Exception {
        try (BrokerSession session = session()) {
            session.start();
            session.registered().get(10, TimeUnit.SECONDS);

            controller.unreachable = true;
            await().until(() -> isolations.equals(List.of(true)));

            controller.unreachable = false;
            await().until(() -> isolations.equals(List.of(true, false)));
        }
    }

    private BrokerSession session() {
        return new BrokerSession(
                controller,
                registration(),
                epochs,
                new MembershipConfig(Duration.ofMillis(10), Duration.ofMillis(1000)),
                new BrokerSession.Owner() {
                    @Override
                    public void metadataWanted(long index) {
                        wanted.add(index);
                    }

                    @Override
                    public void isolated(boolean isolated) {
                        isolations.add(isolated);
                    }

                    @Override
                    public void mustStop(MetadataError why) {
                        ends.add(why);
                    }
                });
    }

    private static RegisterBroker registration() {
        return new RegisterBroker(1, IDENTITY, List.of(), "", FeatureRange.SUPPORTED, 0, false, List.of());
    }

    private static MetadataImage image(long epoch, boolean fenced) {
        return image(epoch, fenced, IDENTITY);
    }

    private static MetadataImage image(long epoch, boolean fenced, BrokerImage.Identity identity) {
        return MetadataImage.EMPTY
                .at(epoch, 1)
                .plus(new BrokerRecord(new BrokerImage(
                        1,
                        epoch,
                        identity,
                        List.of(),
                        "",
                        FeatureRange.SUPPORTED,
                        new BrokerImage.Liveness(fenced, false, 0),
                        List.of())));
    }
}
