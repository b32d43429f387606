// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.metadata.QuorumListener;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.CreateTopics;
import io.varve.metadata.command.CommandBody.TopicToCreate;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.controller.CommandPort;
import io.varve.metadata.controller.ControllerSettings;
import io.varve.metadata.controller.ReplicaAnswer;
import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.ReplicaReport;
import io.varve.metadata.image.RequestId;
import io.varve.metadata.stream.FeedSettings;
import io.varve.metadata.stream.FollowerSettings;
import io.varve.metadata.stream.MetadataUpdate;
import io.varve.proto.v1.ErrorReason;
import io.varve.simulation.client.ClientAnswer;
import io.varve.simulation.client.ClientRequest;
import io.varve.simulation.client.NodeErrors;
import io.varve.simulation.client.NodeFront;
import io.varve.simulation.engine.NetStream;
import io.varve.simulation.engine.SimRandom;
import io.varve.simulation.engine.StreamHandler;
import io.varve.storage.EpochEntry;
import io.varve.storage.LogId;
import io.varve.storage.PartitionLog;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Where a process gets its metadata from: on a voter from the log itself, elsewhere from a voter; and the controller, on voters. */
final class MetadataSource implements QuorumListener {
    private final NodeWorld world;
    private final RunningNode node;
    private final Consumer<MetadataUpdate> onUpdate;
    private final MetadataEnd.@Nullable Serving serving;
    private final MetadataEnd.@Nullable Following following;
    private final @Nullable ControllerEnd controller;
    private final UUID requester; // the registration of the process has an id of its own
    private final SimRandom random;
    private MetadataImage image = MetadataImage.EMPTY;
    private long requests;
    private boolean restored;

    MetadataSource(NodeWorld world, RunningNode node, UUID incarnation, Consumer<MetadataUpdate> onUpdate) {
        this.world = world;
        this.node = node;
        this.onUpdate = onUpdate;
        this.random = world.random().stream("topics of node", node.nodeId()).stream(
                "process", (int) incarnation.getLeastSignificantBits());
        this.requester = new UUID(random.nextLong(), random.nextLong());
        if (world.voters().contains(node.nodeId())) {
            CommandPort log = world.log().start(node.nodeId(), this);
            serving = new MetadataEnd.Serving(node.loop(), FeedSettings.DEFAULT);
            controller = new ControllerEnd(
                    node.nodeId(),
                    incarnation,
                    node.loop(),
                    world.network(),
                    log,
                    () -> image,
                    ControllerSettings.DEFAULT);
            following = null;
        } else {
            serving = null;
            controller = null;
            following = new MetadataEnd.Following(
                    node.nodeId(), node.loop(), world.network(), world.voters(), FollowerSettings.DEFAULT, onUpdate);
        }
    }

    void start() {
        if (following != null) {
            following.follower().tick(node.loop().nowNanos());
        }
    }

    void tick(long nowNanos) {
        if (following != null) {
            following.follower().tick(nowNanos);
        }
        if (serving != null) {
            serving.feed().onTouch(world.log().isInTouch(node.nodeId()), nowNanos);
            serving.feed().tick(nowNanos);
        }
        if (controller != null) {
            controller.core().tick(nowNanos);
        }
    }

    /** Somebody acts on newer metadata. */
    void wanted(long index) {
        if (following != null) {
            following.follower().wanted(index, node.loop().nowNanos());
        }
    }

    // ---- a voter's own log

    @Override
    public void onApplied(long index, long term, MetadataDelta delta, MetadataImage now) {
        node.loop().run(() -> {
            image = now;
            if (serving != null) {
                serving.feed().onApplied(delta, now, node.loop().nowNanos());
            }
            onUpdate.accept(MetadataUpdate.of(delta, now));
        });
    }

    @Override
    public void onImageReset(MetadataImage whole) {
        node.loop().run(() -> {
            image = whole;
            if (serving != null) {
                serving.feed().onImage(whole, node.loop().nowNanos());
            }
            onUpdate.accept(MetadataUpdate.reset(whole));
        });
    }

    @Override
    public void onLeaderReady(long term) {
        node.loop().run(() -> {
            if (controller != null) {
                controller.core().onLeaderReady(term, node.loop().nowNanos());
            }
        });
    }

    @Override
    public void onNotLeader() {
        node.loop().run(() -> {
            if (controller != null) {
                controller.core().onNotLeader();
            }
        });
    }

    // ---- streams of others

    @Nullable
    StreamHandler accept(NetStream stream, Object hello) {
        if (hello.equals(ControllerEnd.PROBE)) {
            return nothing();
        } else if (hello.equals(ControllerEnd.QUESTION)) {
            return question(stream);
        } else if (hello.equals(ControllerClient.HELLO)) {
            return controller == null ? null : controller.accept(stream);
        }
        return serving == null ? null : serving.accept(stream);
    }

    private static StreamHandler nothing() {
        return new StreamHandler() {
            @Override
            public void onMessage(Object payload) {}

            @Override
            public void onClosed(Closed why) {}
        };
    }

    private StreamHandler question(NetStream stream) {
        return new StreamHandler() {
            @Override
            public void onMessage(Object payload) {
                stream.send(new ControllerEnd.Had(report((ControllerEnd.AskReplica) payload)));
            }

            @Override
            public void onClosed(Closed why) {}
        };
    }

    private ReplicaAnswer report(ControllerEnd.AskReplica asked) {
        LogId id = new LogId(asked.replica().topicId(), asked.replica().partition());
        PartitionLog log = node.log(id);
        if (asked.broker().brokerEpoch() != node.brokerEpoch() || log == null) {
            return new ReplicaAnswer.Unreachable(); // another life of it, or it does not know of the partition yet
        }
        HostedReplica hosted = node.replicas().find(id);
        String stopped = hosted == null ? null : hosted.failure();
        if (log.damage().isPresent() || stopped != null) {
            return new ReplicaAnswer.Unusable(stopped == null ? "its log is damaged" : stopped);
        }
        if (log.failure().isPresent()) {
            return new ReplicaAnswer.Unreachable(); // it is opened again, or its directory is offline
        }
        List<EpochEntry> chain = log.epochChain();
        int lastEpoch = 0;
        for (EpochEntry entry : chain) {
            if (entry.startOffset() < log.writtenEndOffset()) {
                lastEpoch = entry.leaderEpoch();
            }
        }
        return new ReplicaAnswer.Report(
                new ReplicaReport(lastEpoch, log.writtenEndOffset(), log.highWatermarkCheckpoint()));
    }

    // ---- administrators

    void administer(ClientRequest.Administer request, NodeFront.Reply reply) {
        if (controller == null) {
            reply.answer(NodeErrors.refused(ErrorReason.ERROR_REASON_NOT_CONTROLLER, "this node does not vote"));
            return;
        }
        MetadataCommand command =
                MetadataCommand.unfenced(named(request.body())).once(new RequestId(requester, ++requests));
        controller.execute(command, answer -> {
            if (answer.reply() != null) {
                reply.answer(new ClientAnswer.Administered(answer.reply().result()));
            } else if (answer.rejection() != null) {
                reply.answer(NodeErrors.refused(answer.rejection()));
            }
        });
    }

    /** The controller, not the administrator, draws the ids of new topics: a wish that is asked again makes another topic. */
    private CommandBody named(CommandBody body) {
        if (!(body instanceof CreateTopics create)) {
            return body;
        }
        List<TopicToCreate> topics = new ArrayList<>();
        for (TopicToCreate t : create.topics()) {
            UUID id = new UUID(random.nextLong(), random.nextLong());
            topics.add(new TopicToCreate(
                    t.name(), id, t.partitions(), t.replicationFactor(), t.configs(), t.placement(), t.internal()));
        }
        return new CreateTopics(topics);
    }
}
