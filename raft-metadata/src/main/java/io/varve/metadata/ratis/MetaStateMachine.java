// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.SnapshotCodec;
import io.varve.metadata.machine.ApplyContext;
import io.varve.metadata.machine.MetadataMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.AtomicFileOutputStream;
import org.apache.ratis.util.LifeCycle;
import org.apache.ratis.util.MD5FileUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metadata machine as Ratis drives it. Commands are applied synchronously on its one updater thread, so that every
 * entry of earlier terms is in the image when Ratis says that the leader is ready.
 */
final class MetaStateMachine extends BaseStateMachine {

    private static final Logger LOG = LoggerFactory.getLogger(MetaStateMachine.class);

    private final SimpleStateMachineStorage storage = new SimpleStateMachineStorage();
    private final MetadataMachine machine;
    private final Listeners listeners;
    private final RaftDirectory directory;
    // Written and read by the updater thread only, but for the install of a snapshot, while that thread pauses.
    private volatile long configurationTerm;
    // Volatile: written by the updater thread, read by the one that decides about snapshots.
    private volatile long snapshotImageIndex;
    // Volatile: set by whoever closes this voter, so that the end of the division is not taken for a death.
    private volatile boolean closing;

    MetaStateMachine(MetadataMachine machine, Listeners listeners, RaftDirectory directory) {
        this.machine = machine;
        this.listeners = listeners;
        this.directory = directory;
    }

    @Override
    public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage raftStorage) throws IOException {
        super.initialize(server, groupId, raftStorage);
        getLifeCycle().startAndTransition(() -> {
            storage.init(raftStorage);
            load();
        });
    }

    @Override
    public SimpleStateMachineStorage getStateMachineStorage() {
        return storage;
    }

    @Override
    public void pause() {
        getLifeCycle().transition(LifeCycle.State.PAUSING);
        getLifeCycle().transition(LifeCycle.State.PAUSED);
    }

    /** A snapshot was installed: it replaces everything. */
    @Override
    public void reinitialize() throws IOException {
        getLifeCycle().startAndTransition(() -> {
            storage.loadLatestSnapshot();
            load();
        });
    }

    private void load() throws IOException {
        var snapshot = storage.getLatestSnapshot();
        var image = MetadataImage.EMPTY;
        if (snapshot != null) {
            var file = snapshot.getFile();
            if (file.getFileDigest() != null) {
                MD5FileUtil.verifySavedMD5(file.getPath().toFile(), file.getFileDigest());
            }
            image = SnapshotCodec.decode(Files.readAllBytes(file.getPath()));
            setLastAppliedTermIndex(snapshot.getTermIndex());
        }
        snapshotImageIndex = image.index();
        listeners.reset(image);
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto entry = transaction.getLogEntry();
        var context = new ApplyContext(entry.getIndex(), entry.getTerm());
        var bytes = entry.getStateMachineLogEntry().getLogData().toByteArray();
        var applied = machine.apply(listeners.image(), context, bytes);
        if (applied.fatal().isPresent()) {
            var cause =
                    new IllegalStateException("entry " + context.index() + " of the metadata log cannot be applied: "
                            + applied.fatal().get());
            listeners.fatal(cause);
            // Ends the division before anything after this entry is applied: here that is what must happen.
            throw cause;
        }
        listeners.applied(applied);
        updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
        return CompletableFuture.completedFuture(
                new ReplyMessage(new ApplyReply(context.index(), context.term(), applied.result())));
    }

    /** On the updater thread: the image is the one at the last applied index. */
    @Override
    public long takeSnapshot() throws IOException {
        TermIndex last = getLastAppliedTermIndex();
        if (last.getIndex() < 0) {
            return last.getIndex();
        }
        var image = listeners.image();
        var file = storage.getSnapshotFile(last.getTerm(), last.getIndex());
        byte[] bytes = SnapshotCodec.encode(image);
        try (var out = new AtomicFileOutputStream(file)) {
            out.write(bytes, 0, bytes.length);
        }
        var md5 = MD5FileUtil.computeAndSaveMd5ForFile(file);
        // Ratis purges the log up to this index: after a power loss the names must be there.
        CheckedFile.forceDirectory(directory.snapshots());
        storage.updateLatestSnapshot(
                new SingleFileSnapshotInfo(new FileInfo(file.toPath(), md5), last.getTerm(), last.getIndex()));
        snapshotImageIndex = image.index();
        LOG.info("metadata snapshot at entry {}: {} bytes", last.getIndex(), bytes.length);
        return last.getIndex();
    }

    /** Index of the last command that a snapshot contains. */
    long snapshotImageIndex() {
        return snapshotImageIndex;
    }

    @Override
    public void notifyConfigurationChanged(long term, long index, RaftConfigurationProto configuration) {
        configurationTerm = Math.max(configurationTerm, term);
        try {
            directory.markStarted();
        } catch (IOException e) {
            listeners.fatal(e);
        }
    }

    /** Only told to the operator: nothing of the new term is committed yet. */
    @Override
    public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
        boolean self = leader.equals(member.getPeerId());
        LOG.info("voter {} of the metadata quorum {}", leader, self ? "leads: this one" : "leads");
    }

    /** The leader's own configuration entry, of its own term, has just been applied. */
    @Override
    public void notifyLeaderReady() {
        try {
            // Ratis renames its file of term and vote without fsync of the directory: no epoch may come twice.
            CheckedFile.forceDirectory(directory.current());
        } catch (IOException e) {
            listeners.fatal(e);
            return;
        }
        listeners.leaderReady(configurationTerm);
    }

    @Override
    public void notifyNotLeader(Collection<TransactionContext> pending) {
        listeners.notLeader();
    }

    /** The log never recovers, even if space comes back: only a new process can. */
    @Override
    public void notifyLogFailed(Throwable cause, LogEntryProto failedEntry) {
        listeners.fatal(cause);
    }

    @Override
    public void notifyServerShutdown(RoleInfoProto roleInfo, boolean allServer) {
        if (!closing) {
            listeners.fatal(new IllegalStateException("the Raft division was shut down"));
        }
    }

    void expectClose() {
        closing = true;
    }
}
