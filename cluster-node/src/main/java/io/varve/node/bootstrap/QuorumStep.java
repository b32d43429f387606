// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.metadata.MetadataQuorum;
import io.varve.metadata.ratis.RaftDirectory;
import io.varve.metadata.ratis.RaftFormat;
import io.varve.metadata.ratis.RaftSettings;
import io.varve.metadata.ratis.RaftStartException;
import io.varve.metadata.ratis.RatisQuorum;
import io.varve.metadata.ratis.VoterId;
import io.varve.node.bootstrap.StartFailure.Reason;
import io.varve.node.config.HostPort;
import io.varve.node.config.NodeConfig;
import io.varve.node.config.QuorumConfig;
import io.varve.node.config.VoterAddress;
import io.varve.node.control.DiskNotes;
import io.varve.node.http.NodeHealth;
import io.varve.node.logging.NodeLogging;
import io.varve.node.quorum.FirstStart;
import io.varve.node.quorum.LeaderWatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This node's voter of the metadata quorum, if it is to have one. */
final class QuorumStep implements NodeStep {

    private static final Logger LOG = LoggerFactory.getLogger(QuorumStep.class);
    private static final String COMPONENT = "metadata quorum";
    private static final long COMPLAIN_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final NodeConfig config;
    private final AddressesStep addresses;
    private final ThreadsStep threads;
    private final DataDirectoryStep data;
    private final PeerListenerStep peers;
    private final NodeHealth health;
    private final BooleanSupplier stopWanted;
    private long complainedNanos = System.nanoTime();
    private @Nullable DiskNotes notes;
    private @Nullable MetadataQuorum quorum;
    private @Nullable ScheduledFuture<?> leaderWatch;

    /** @param stopWanted asked while other voters are waited for */
    QuorumStep(
            NodeConfig config,
            AddressesStep addresses,
            ThreadsStep threads,
            DataDirectoryStep data,
            PeerListenerStep peers,
            NodeHealth health,
            BooleanSupplier stopWanted) {
        this.config = config;
        this.addresses = addresses;
        this.threads = threads;
        this.data = data;
        this.peers = peers;
        this.health = health;
        this.stopWanted = stopWanted;
    }

    @Override
    public String name() {
        return COMPONENT;
    }

    @Override
    public void start() throws StartFailure, InterruptedException {
        if (!votes()) {
            return;
        }
        Path path = config.storage().raftDirectory();
        RaftSettings.Tuning tuning = RaftSettings.Tuning.DEFAULT;
        try {
            RaftDirectory directory = RaftDirectory.open(
                    path, NodeFormat.raftIdentity(data.directory().identity()), tuning.freeSpaceMinBytes());
            try {
                awaitOthers(directory);
            } catch (StartFailure | InterruptedException | IOException | RuntimeException e) {
                directory.close();
                throw e;
            }
            RatisQuorum started = RatisQuorum.start(settings(directory.format(), tuning), directory);
            quorum = started;
            leaderWatch = threads.timer()
                    .scheduleWithFixedDelay(
                            new LeaderWatch(
                                    () -> started.leader().nodeId(),
                                    addresses.quorum(),
                                    health,
                                    COMPONENT,
                                    System::nanoTime),
                            1,
                            1,
                            TimeUnit.SECONDS);
        } catch (RaftStartException e) {
            throw RaftFailures.toStartFailure(path, e);
        } catch (IOException e) {
            throw new StartFailure(
                    Reason.DIRECTORY_UNUSABLE,
                    "cannot use the raft directory %s: %s".formatted(path, e.getMessage()),
                    "make it a directory that this user may write to",
                    e);
        }
    }

    /** What the configuration says has to agree with what the Raft directory was formatted as. */
    private boolean votes() throws StartFailure {
        int self = config.identity().id();
        Optional<RaftFormat> format = NodeFormat.raftFormat(config);
        boolean voter = format.map(RaftFormat::votes).orElse(false);
        if (voter && !sameNodes(format.get(), config.quorum())) {
            throw new StartFailure(
                    Reason.INVALID_CONFIG,
                    "node %d was formatted for the voters %s, but quorum.voters names %s"
                            .formatted(
                                    self, format.get().voters(), config.quorum().voters()),
                    "let quorum.voters name the nodes that the quorum was formed of");
        }
        if (!voter) {
            LOG.info("node {} has no vote in the metadata quorum: it follows what the voters decide", self);
        }
        // A voter without a formatted directory is refused when that is opened.
        return voter || (format.isEmpty() && config.quorum().isVoter(self));
    }

    private static boolean sameNodes(RaftFormat format, QuorumConfig quorum) {
        return format.voters().stream()
                .map(VoterId::nodeId)
                .collect(Collectors.toSet())
                .equals(quorum.voters().stream().map(VoterAddress::nodeId).collect(Collectors.toSet()));
    }

    private void awaitOthers(RaftDirectory directory) throws StartFailure, InterruptedException, IOException {
        List<VoterAddress> others = addresses.quorum().others(config.identity().id());
        if (others.isEmpty()) {
            return;
        }
        notes = new DiskNotes(directory, threads.calls());
        peers.listener().add(notes);
        FirstStart first = new FirstStart(directory, others, peers.channels());
        if (!first.await(stopWanted, this::waitingFor)) {
            throw new StartFailure(Reason.QUORUM_UNAVAILABLE, "stopped before the other voters were there", "");
        }
        health.clear(COMPONENT);
    }

    private void waitingFor(List<VoterAddress> missing) {
        String message = "for the first start of this voter, these must answer: "
                + missing.stream().map(VoterAddress::toString).sorted().collect(Collectors.joining(", "));
        health.report(COMPONENT, "WAITING_FOR_VOTERS", message);
        long now = System.nanoTime();
        if (now - complainedNanos > COMPLAIN_NANOS) {
            complainedNanos = now;
            LOG.info("{}", message);
        }
    }

    private RaftSettings settings(RaftFormat format, RaftSettings.Tuning tuning) {
        HostPort bind = addresses.raft();
        List<RaftSettings.Voter> voters = new ArrayList<>();
        for (VoterId voter : format.voters()) {
            HostPort raft =
                    addresses.quorum().voter(voter.nodeId()).orElseThrow().raft();
            voters.add(new RaftSettings.Voter(voter.nodeId(), voter.directoryId(), raft.host(), raft.port()));
        }
        return new RaftSettings(
                format.identity(), config.storage().raftDirectory(), bind.host(), bind.port(), voters, tuning);
    }

    /** This node's voter; empty if it has none. */
    Optional<MetadataQuorum> voter() {
        return Optional.ofNullable(quorum);
    }

    MetadataQuorum quorum() {
        return Objects.requireNonNull(quorum);
    }

    @Override
    public void stop() {
        if (notes != null) {
            notes.close();
        }
        if (leaderWatch != null) {
            leaderWatch.cancel(false);
        }
        if (quorum != null) {
            NodeLogging.quietRaftRequests();
            quorum.close();
        }
    }
}
