// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.conversation;

import io.varve.replication.Acks;
import io.varve.replication.Append;
import io.varve.replication.InvariantException;
import io.varve.replication.ReplicaSettings;
import io.varve.replication.protocol.InSyncProposal;
import io.varve.replication.protocol.PeerReplies;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rules;
import io.varve.replication.replica.Replica;
import io.varve.replication.replica.ReplicaPort;
import io.varve.replication.replica.ReplicaStatus;
import io.varve.replication.replica.Resignation;
import io.varve.storage.Chunk;
import io.varve.storage.DataDirectory;
import io.varve.storage.DirectoryIdentity;
import io.varve.storage.DirectorySettings;
import io.varve.storage.Durability;
import io.varve.storage.IoPool;
import io.varve.storage.JournalSettings;
import io.varve.storage.LogListener;
import io.varve.storage.LogSettings;
import io.varve.storage.PartitionLog;
import io.varve.storage.StorageException;
import io.varve.storage.TailCache;
import io.varve.storage.testkit.SimFs;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A node on the stage: a disk that stays, and a process with one replica that comes and goes. */
final class StageNode {
    private static final Path DATA = Path.of("data");

    final int id;
    private final Stage stage;
    private final long tailBytes;
    private final SimFs disk;
    private @Nullable Process process;

    StageNode(int id, Stage stage, long tailBytes) {
        this.id = id;
        this.stage = stage;
        this.tailBytes = tailBytes;
        this.disk = new SimFs(id);
        try {
            DataDirectory.format(
                    disk,
                    DATA,
                    new DirectoryIdentity(new UUID(2, 2), id, new UUID(3, id), DirectoryIdentity.FORMAT_VERSION));
        } catch (StorageException e) {
            throw new IllegalStateException(e);
        }
    }

    boolean isAlive() {
        return process != null;
    }

    Process process() {
        Process running = process;
        if (running == null) {
            throw new IllegalStateException("node " + id + " is down");
        }
        return running;
    }

    void start(long brokerEpoch) {
        try {
            process = new Process(brokerEpoch);
        } catch (StorageException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Its power is lost: what was not flushed is gone. */
    void die() {
        process = null;
        disk.losePower();
    }

    /** One run of the node: everything that is forgotten with it. */
    final class Process implements ReplicaPort, IoPool, LogListener {
        final Replica replica;
        private final long brokerEpoch;
        private boolean holding; // the disk does nothing more
        private boolean waiting;
        private final ArrayDeque<Runnable> awaited = new ArrayDeque<>();
        private long applied;
        private long sessions;

        Process(long brokerEpoch) throws StorageException {
            this.brokerEpoch = brokerEpoch;
            waiting = true;
            DataDirectory directory = DataDirectory.open(
                    disk.newProcess(),
                    DATA,
                    new DirectorySettings(this, LogSettings.DEFAULT, () -> Instant.EPOCH, JournalSettings.DEFAULT));
            PartitionLog log = directory.create(Controller.PARTITION, LogSettings.DEFAULT);
            waiting = false;
            StageLog stageLog =
                    new StageLog(log, new TailCache(tailBytes).newTail(), task -> later(() -> turn(task)), this::turn);
            replica = new Replica(
                    "orders-0",
                    Controller.PARTITION,
                    new ReplicaSettings(id, Durability.FLUSHED, false, 1 << 20, 1 << 20),
                    Math.max(log.highWatermarkCheckpoint(), log.logStartOffset()),
                    stageLog,
                    this,
                    Rules.ALL);
            log.attach(this);
        }

        boolean isRunning() {
            return process == this;
        }

        /** Events of a process that has ended do nothing. */
        void turn(Runnable event) {
            if (isRunning()) {
                event.run();
                replica.endOfTurn(stage.now());
            }
        }

        private void later(Runnable task) {
            stage.later(() -> {
                if (isRunning()) {
                    task.run();
                }
            });
        }

        /** Newer metadata than it has, if there is any. */
        void learn() {
            Controller controller = stage.controller();
            if (applied < controller.image().index() && !stage.isDeaf(id)) {
                applied = controller.image().index();
                turn(() -> replica.onMetadata(controller.state(), controller.members(), stage.now()));
            }
        }

        void append(Chunk chunk, Acks acks) {
            turn(() -> replica.append(
                    new Append(
                            chunk,
                            acks,
                            Append.ANY_EPOCH,
                            Long.MAX_VALUE / 2,
                            result -> stage.heard(id + " -> client", "", LineText.of(result))),
                    stage.now(),
                    stage.now()));
        }

        // ---- the disk

        /** Nothing is written until the process ends. */
        void holdDisk() {
            holding = true;
        }

        @Override
        public void execute(Step step, Runnable task) {
            if (waiting) {
                awaited.add(task);
            } else if (!holding) {
                later(() -> later(task)); // a disk takes longer than a message
            }
        }

        @Override
        public <T> T await(CompletableFuture<T> result) {
            while (!result.isDone()) {
                awaited.remove().run();
            }
            return result.join();
        }

        @Override
        public void onProgress(long writtenEndOffset, long flushedEndOffset) {
            stage.heard(id + " disk", "", "written " + writtenEndOffset + " flushed " + flushedEndOffset);
            turn(() -> replica.logProgressed(writtenEndOffset, flushedEndOffset));
        }

        @Override
        public void onFailure(StorageException cause, long writtenEndOffset, long flushedEndOffset) {
            throw new IllegalStateException(cause);
        }

        // ---- what the replica says

        @Override
        public void send(int to, PeerStream stream, ReplicaMessage.ToFollower message) {
            long link = stage.link(id, to);
            stage.later(() -> {
                if (stage.isUp(id, to, link)) {
                    stage.heard(id + " -> " + to, stream.name(), LineText.of(message));
                    Process follower = stage.node(to).process();
                    PeerReplies replies = answer -> answer(to, stream, link, answer);
                    follower.turn(() -> follower.replica.onMessage(id, message, replies, stage.now(), stage.now()));
                } else if (message instanceof ReplicaMessage.Append append) {
                    append.release();
                }
            });
        }

        private void answer(int from, PeerStream stream, long link, ReplicaMessage.ToLeader message) {
            stage.later(() -> {
                if (stage.isUp(id, from, link)) {
                    stage.heard(from + " -> " + id, stream.name(), LineText.of(message));
                    turn(() -> replica.onAnswer(from, message, stage.now()));
                }
            });
        }

        @Override
        public void propose(InSyncProposal proposal) {
            stage.later(() -> stage.propose(this, id, proposal));
        }

        @Override
        public void resign(Resignation resignation) {
            throw new IllegalStateException(resignation.toString());
        }

        @Override
        public void failed(InvariantException cause) {
            throw cause;
        }

        @Override
        public long brokerEpoch() {
            return brokerEpoch;
        }

        @Override
        public long metadataIndex() {
            return applied;
        }

        @Override
        public long nextSession() {
            return ++sessions;
        }

        @Override
        public void metadataWanted(int leaderEpoch) {
            stage.later(this::learn);
        }

        @Override
        public void highWatermarkMoved(long highWatermark) {}

        @Override
        public void roleChanged(ReplicaStatus now) {}
    }
}
