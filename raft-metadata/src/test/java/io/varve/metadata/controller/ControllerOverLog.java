// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.HeartbeatReply;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.controller.CommandPort.Completion;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.machine.ApplyContext;
import io.varve.metadata.machine.MetadataMachine;
import io.varve.metadata.machine.World;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** One controller over a log that applies a command when the test says so. */
abstract class ControllerOverLog {

    static final long MS = 1_000_000;
    static final long SESSION = 3_000 * MS;
    static final ControllerSettings SETTINGS = ControllerSettings.ofSession(Duration.ofNanos(SESSION));

    final ArrayDeque<Runnable> log = new ArrayDeque<>();
    final List<CommandBody> applied = new ArrayList<>();
    final MetadataMachine machine = new MetadataMachine();
    final ContactTimes contacts = new ContactTimes();
    final List<BrokerRef> dialled = new ArrayList<>();
    final List<BrokerRef> asked = new ArrayList<>();
    final ArrayDeque<Question> questions = new ArrayDeque<>();
    final World world = new World().nodes(1, 2, 3, 4);
    MetadataImage image = world.image();
    long term = 1;
    long now;
    final ControllerCore core =
            new ControllerCore(1, UUID.randomUUID(), this::submit, new Reach(), () -> image, contacts, SETTINGS);
    final List<Object> answers = new ArrayList<>();

    record Question(BrokerRef broker, ReplicaId replica) {}

    private final class Reach implements BrokerPort {
        @Override
        public void dial(BrokerRef broker) {
            dialled.add(broker);
        }

        @Override
        public void askReplica(BrokerRef broker, ReplicaId replica) {
            asked.add(broker);
            questions.add(new Question(broker, replica));
        }
    }

    final Completion recorder = new Completion() {
        @Override
        public void applied(ApplyReply reply) {
            answers.add(reply.result());
        }

        @Override
        public void failed(MetadataRejection rejection) {
            answers.add(rejection);
        }
    };

    Completion lastSubmitted = recorder;

    void submit(MetadataCommand command, Completion completion) {
        lastSubmitted = completion;
        log.add(() -> {
            var result = machine.apply(image, new ApplyContext(image.index() + 1, term), command);
            image = result.image();
            applied.add(command.body());
            completion.applied(new ApplyReply(image.index(), term, result.result()));
        });
    }

    void applyAll() {
        while (!log.isEmpty()) {
            log.remove().run();
        }
    }

    void lead(long newTerm) {
        term = newTerm;
        core.onLeaderReady(newTerm, now);
        applyAll();
        core.tick(now);
        applyAll();
    }

    HeartbeatReply heartbeat(int id) {
        return heartbeat(new BrokerHeartbeat(ref(id), image.index(), false, false));
    }

    HeartbeatReply heartbeat(BrokerHeartbeat heartbeat) {
        return ((HeartbeatAnswer.Accepted) core.onHeartbeat(heartbeat, now)).reply();
    }

    BrokerRef ref(int id) {
        return new BrokerRef(id, image.broker(id).orElseThrow().epoch());
    }

    /** Passes of this many milliseconds, in which these nodes are heard. */
    void pass(long millis, int... heard) {
        long end = now + millis * MS;
        while (now < end) {
            now += SETTINGS.tick().toNanos();
            for (int id : heard) {
                contacts.touch(ref(id), now);
            }
            core.tick(now);
            applyAll();
        }
    }

    List<Integer> fenced() {
        return image.brokers().values().stream()
                .filter(b -> b.fenced())
                .map(b -> b.id())
                .toList();
    }

    List<PartitionImage> partitions() {
        return image.topic("t").orElseThrow().partitions();
    }
}
