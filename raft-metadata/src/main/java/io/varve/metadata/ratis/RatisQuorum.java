// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.LeaderInfo;
import io.varve.metadata.MetadataQuorum;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.QuorumListener;
import io.varve.metadata.QuorumState;
import io.varve.metadata.command.CommandCodec;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.MetadataImage;
import io.varve.proto.v1.ErrorReason;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One voter on Apache Ratis. *Thread-safe.* */
public final class RatisQuorum implements MetadataQuorum {

    private static final Logger LOG = LoggerFactory.getLogger(RatisQuorum.class);
    private static final long TRANSFER_MILLIS = 3_000;
    private static final long SNAPSHOT_MILLIS = 10_000;

    private final RaftGroupId group;
    private final RaftServer server;
    private final MetaStateMachine stateMachine;
    private final Listeners listeners;
    private final RaftDirectory directory;
    private final ClientId client = ClientId.randomId();
    private final Watchdog watchdog;
    private final RatisShutdown shutdown;
    // Volatile: closed by any thread, read by all.
    private volatile boolean closed;

    RatisQuorum(RaftServer server, RaftGroupId group, Parts parts, RaftSettings.Tuning tuning) {
        this.server = server;
        this.group = group;
        this.stateMachine = parts.stateMachine();
        this.listeners = parts.listeners();
        this.directory = parts.directory();
        this.shutdown = parts.shutdown();
        this.watchdog = new Watchdog(new Division(), tuning.snapshotInterval());
    }

    record Parts(MetaStateMachine stateMachine, Listeners listeners, RaftDirectory directory, RatisShutdown shutdown) {}

    /**
     * Starts this voter. Returns when it runs, before there is a leader. The directory must have been formatted with
     * the same identity.
     *
     * @throws RaftStartException if it must not start, or cannot; then nothing of it runs
     */
    public static RatisQuorum start(RaftSettings settings) {
        return RatisStart.start(settings);
    }

    /** The same in a directory that is open already, and closed with this voter. */
    public static RatisQuorum start(RaftSettings settings, RaftDirectory directory) {
        return RatisStart.start(settings, directory);
    }

    @Override
    public CompletableFuture<ApplyReply> submit(MetadataCommand command) {
        byte[] bytes = CommandCodec.encode(command);
        if (bytes.length > MetadataCommand.MAX_BYTES) {
            return CompletableFuture.failedFuture(MetadataRejection.notApplied(
                    ErrorReason.ERROR_REASON_INVALID_REQUEST,
                    "a metadata command of " + bytes.length + " bytes is above the limit, " + MetadataCommand.MAX_BYTES
                            + ": ask for less at once"));
        }
        return submit(bytes);
    }

    /** Bytes as they are: for tests of what must never be written. */
    CompletableFuture<ApplyReply> submit(byte[] bytes) {
        try {
            if (closed || !server.getDivision(group).getInfo().isLeader()) {
                return CompletableFuture.failedFuture(Rejections.notLeader(leader().nodeId()));
            }
            return server.submitClientRequestAsync(request(bytes)).handle(RatisQuorum::reply);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(Rejections.of(e));
        }
    }

    private RaftClientRequest request(byte[] bytes) {
        return RaftClientRequest.newBuilder()
                .setClientId(client)
                .setServerId(server.getId())
                .setGroupId(group)
                .setCallId(CallId.getAndIncrement())
                .setMessage(Message.valueOf(UnsafeByteOperations.unsafeWrap(bytes)))
                .setType(RaftClientRequest.writeRequestType())
                .build();
    }

    private static ApplyReply reply(RaftClientReply reply, Throwable failure) {
        if (failure != null) {
            throw new CompletionException(Rejections.of(failure));
        }
        if (reply.getException() != null) {
            throw new CompletionException(Rejections.of(reply.getException()));
        }
        // The submitter is in this process, so what the machine answered is still an object.
        if (reply.getMessage() instanceof ReplyMessage message) {
            return message.reply();
        }
        throw new CompletionException(MetadataRejection.indeterminate(
                ErrorReason.ERROR_REASON_UNKNOWN_SERVER_ERROR, "a reply of an unknown kind: " + reply));
    }

    @Override
    public MetadataImage image() {
        return listeners.image();
    }

    @Override
    public void addListener(QuorumListener listener) {
        listeners.add(listener);
    }

    @Override
    public LeaderInfo leader() {
        try {
            var info = server.getDivision(group).getInfo();
            var leader = info.getLeaderId();
            return new LeaderInfo(
                    leader == null ? 0 : nodeId(leader),
                    info.getCurrentTerm(),
                    info.isLeader() && info.isLeaderReady());
        } catch (IOException e) {
            return new LeaderInfo(0, 0, false);
        }
    }

    @Override
    public QuorumState state() {
        try {
            return DivisionState.of(server.getDivision(group), leader(), stateMachine.snapshotImageIndex());
        } catch (IOException e) {
            return MetadataQuorum.super.state();
        }
    }

    static int nodeId(RaftPeerId peer) {
        var name = peer.toString();
        return Integer.parseInt(name.substring(0, name.indexOf('_')));
    }

    /** Writes a snapshot of what is applied now, so that the next start replays less. */
    public CompletableFuture<Void> snapshot() {
        var request = SnapshotManagementRequest.newCreate(
                client, server.getId(), group, CallId.getAndIncrement(), SNAPSHOT_MILLIS);
        return server.snapshotManagementAsync(request).thenAccept(r -> {
            if (r.getException() != null) {
                throw new CompletionException(r.getException());
            }
        });
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        try {
            transferLeadership();
        } finally {
            end(true);
        }
    }

    /** Leaves as a process does that is killed: without handing over, without a snapshot. For tests. */
    void kill() {
        end(false);
    }

    private void end(boolean tidily) {
        closed = true;
        watchdog.close();
        stateMachine.expectClose();
        try {
            if (tidily && stateMachine.snapshotImageIndex() < image().index()) {
                await(snapshot(), SNAPSHOT_MILLIS);
            }
            shutdown.run();
            directory.close();
        } catch (IOException e) {
            LOG.warn("closing the metadata quorum failed", e);
        }
        listeners.close();
    }

    /** A plain close of the leader would cost the others an election timeout. */
    private void transferLeadership() {
        try {
            var division = server.getDivision(group);
            if (!division.getInfo().isLeader()) {
                return;
            }
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TRANSFER_MILLIS);
            for (RaftPeerId peer : DivisionState.successors(division)) {
                long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (millis <= 0) {
                    return;
                }
                var request = new TransferLeadershipRequest(
                        client, server.getId(), group, CallId.getAndIncrement(), peer, millis);
                if (await(server.transferLeadershipAsync(request), millis)) {
                    return;
                }
            }
        } catch (IOException e) {
            LOG.warn("handing over the metadata quorum failed", e);
        }
    }

    private static boolean await(CompletableFuture<?> future, long millis) {
        try {
            return !(future.get(millis, TimeUnit.MILLISECONDS) instanceof RaftClientReply reply) || reply.isSuccess();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("while closing the metadata quorum: {}", e.toString());
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** This voter as its watchdog sees it. */
    private final class Division implements Watchdog.Patient {

        @Override
        public boolean alive() {
            try {
                return closed || server.getDivision(group).getInfo().isAlive();
            } catch (IOException e) {
                return false;
            }
        }

        @Override
        public void died() {
            listeners.fatal(new IllegalStateException("the Raft division is dead"));
        }

        @Override
        public boolean snapshotDue() {
            return stateMachine.snapshotImageIndex() < image().index();
        }

        @Override
        public void takeSnapshot() {
            var unused = snapshot().exceptionally(e -> {
                LOG.warn("a snapshot of the metadata failed: {}", e.toString());
                return null;
            });
        }
    }
}
