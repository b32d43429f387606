// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.metadata.broker.BrokerLifecycle;
import io.varve.metadata.broker.DamageReports;
import io.varve.metadata.broker.LifecycleSettings;
import io.varve.metadata.broker.RestartClaim;
import io.varve.metadata.broker.RestartClaim.Marker;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.FeatureRange;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.stream.MetadataUpdate;
import io.varve.replication.link.InboxSettings;
import io.varve.replication.link.NodeIdentity;
import io.varve.replication.link.ProtocolRange;
import io.varve.replication.protocol.InSyncProposal;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.replica.Resignation;
import io.varve.simulation.check.WorldEvents;
import io.varve.simulation.engine.NetStream;
import io.varve.simulation.engine.NodeProcess;
import io.varve.simulation.engine.StreamHandler;
import io.varve.storage.DataDirectory;
import io.varve.storage.DirectorySettings;
import io.varve.storage.LogId;
import io.varve.storage.LogSettings;
import io.varve.storage.PartitionLog;
import io.varve.storage.RetentionClock;
import io.varve.storage.StorageException;
import io.varve.storage.file.FileStore;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One process of a simulated node, from its start to its end: everything that is forgotten with it. */
final class RunningNode implements NodeServices, BrokerShell.Owner {
    private static final long TICK_NANOS = 100_000_000L;
    private static final long REPLICA_TICK_NANOS = 20_000_000L;
    private static final long CHECKPOINT_NANOS = 1_500_000_000L;
    private static final long RETENTION_NANOS = 2_100_000_000L;
    private static final long OFFLINE_NANOS = 1_000_000_000L;

    private final SimHost host;
    private final NodeWorld world;
    private final NodeProcess process;
    private final NodeLoop loop;
    private final NodeFiles files;
    private final DataDirectory directory;
    private final SimIo io;
    private final Replicas replicas = new Replicas();
    private final ReplicaHouse house;
    private final Map<Integer, LinkEnd> links = new TreeMap<>();
    private final InboxEnd inbox;
    private final ControllerClient controllers;
    private final ControllerRequests requests;
    private final BrokerShell broker;
    private final DamageReports damage = new DamageReports();
    private final MetadataSource metadata;
    private final FrontDoor front;
    private final Set<HostedReplica> ticking = new LinkedHashSet<>();
    private final ArrayDeque<MetadataUpdate> late = new ArrayDeque<>();
    private final RetentionClock retentionClock = new RetentionClock(RetentionClock.UNKNOWN);
    private long brokerEpoch;
    private long sessions;
    private boolean isolated;
    private boolean ticks; // whether the next tick of replicas is under way
    private boolean scrubs;
    private boolean stopping;
    private boolean marked;

    /** Opens what is on the disk; throws if that cannot be done, and then there is no process. */
    RunningNode(SimHost host, NodeWorld world, FileStore disk) throws IOException {
        this.host = host;
        this.world = world;
        this.process = host.process();
        this.loop = new NodeLoop(process, this::turnEnded);
        this.files = new NodeFiles(disk);
        RestartClaim former =
                files.takeCleanStop(DataDirectory.identify(disk, NodeFiles.DATA).directoryId());
        this.io = new SimIo(process, host.pace(), host.random(), this::turnEnded);
        InstantSource clock = () -> Instant.ofEpochMilli(process.clock().wallMillis());
        this.directory = DataDirectory.open(
                disk,
                NodeFiles.DATA,
                new DirectorySettings(io, LogSettings.DEFAULT, clock, TightLimits.journal(host.nodeId())));
        UUID incarnation = host.incarnation();
        NodeIdentity self = new NodeIdentity(world.clusterId(), host.nodeId(), incarnation, ProtocolRange.CURRENT);
        SimLog.ColdReader coldReader =
                task -> loop.afterVirtual(host.pace().readNanos(host.random()), "read", null, task);
        this.house = new ReplicaHouse(this, directory, coldReader, replicas, world.rules(), this::opened);
        for (int peer : world.nodes()) {
            if (peer != host.nodeId()) {
                links.put(
                        peer,
                        new LinkEnd(
                                this, self, peer, host.linkSettings(peer), world.network(), replicas, world.rules()));
            }
        }
        this.inbox = new InboxEnd(this, self, InboxSettings.DEFAULT, replicas, world.rules());
        this.controllers = new ControllerClient(host.nodeId(), loop, world.network(), this::unreachable);
        this.requests = new ControllerRequests(this, controllers, replicas);
        this.broker = new BrokerShell(
                new BrokerLifecycle(host.nodeId(), incarnation, world.voters(), LifecycleSettings.DEFAULT, former),
                registration(incarnation, former),
                controllers,
                files,
                loop,
                this);
        this.metadata = new MetadataSource(world, this, incarnation, this::deliver);
        this.front = new FrontDoor(
                this, replicas, house::image, new FrontDoor.ProducerIdBlocks(requests::allocate), metadata::administer);
    }

    private RegisterBroker registration(UUID incarnation, RestartClaim former) {
        List<ReplicaId> damaged = directory.logs().values().stream()
                .filter(log -> log.damage().isPresent())
                .map(log -> new ReplicaId(log.id().topicId(), log.id().partition()))
                .toList();
        return new RegisterBroker(
                host.nodeId(),
                new BrokerImage.Identity(directory.identity().directoryId(), incarnation),
                List.of(),
                "",
                FeatureRange.SUPPORTED,
                former.previousBrokerEpoch(),
                former.clean(),
                damaged);
    }

    /** Begins to work. */
    void start() {
        directory.onOffline(cause -> loop.post("directory offline", this::directoryFailed));
        house.tellRecovered(host.hasRot());
        world.network().listen(host.nodeId(), this::accept);
        loop.turn(() -> {
            metadata.start();
            broker.tick();
            links.values().forEach(link -> link.tick(loop.nowNanos()));
        });
        every(TICK_NANOS, "tick", this::tick);
        every(CHECKPOINT_NANOS, "checkpoint", this::checkpoint);
        every(RETENTION_NANOS, "retention", this::maintain);
        if (host.hasRot()) {
            beginScrub();
        }
    }

    private void maintain() {
        long nowMillis = retentionClock.read(process.clock().wallMillis(), loop.nowNanos());
        if (directory.failure().isEmpty()) {
            replicas.all().forEach(replica -> replica.maintain(nowMillis, host.random()));
        }
    }

    /** From when there is something to find: so all other runs stay what they are. */
    void beginScrub() {
        if (!scrubs) {
            scrubs = true;
            every(NodeScrub.STEP_NANOS, "scrub", new NodeScrub(directory)::step);
        }
    }

    private void every(long nanos, String label, Runnable task) {
        loop.after(nanos, label, () -> {
            task.run();
            every(nanos, label, task);
        });
    }

    private void tick() {
        long now = loop.nowNanos();
        broker.tick();
        metadata.tick(now);
        damage.report(self(), house.image(), now).ifPresent(requests::reportDamage);
        if (!stopping) {
            damage.startAfresh(self(), house.image()).forEach(this::startAfresh);
        }
        links.values().forEach(link -> link.tick(now));
        inbox.tick(now);
        if (house.hasUnfinished()) {
            house.retry();
        }
    }

    private void startAfresh(ReplicaId replica) {
        Consumer<ReplicaId> next = house.startAfresh(replica) ? damage::started : damage::notStarted;
        next.accept(replica);
    }

    private void tickReplicas() {
        long now = loop.nowNanos();
        ticking.removeIf(replica -> !replica.tick(now));
        ticks = !ticking.isEmpty();
        if (ticks) {
            loop.after(REPLICA_TICK_NANOS, "replica tick", this::tickReplicas);
        }
    }

    private void checkpoint() {
        try {
            if (directory.failure().isEmpty()) {
                directory.checkpoint();
            }
        } catch (StorageException e) {
            // Tried again; a failed flush takes the directory offline by itself.
        }
    }

    private void turnEnded() {
        world.events().stepped();
        host.lookAtDisk();
    }

    private @Nullable StreamHandler accept(NetStream stream, int from, Object hello) {
        return switch (stream.kind()) {
            case DATA, CATCH_UP, CONTROL -> inbox.accept(stream);
            case METADATA, CONTROLLER -> metadata.accept(stream, hello);
            case PRODUCE, CLIENT -> host.clientDoor().accept(stream, loop, front);
        };
    }

    // ---- metadata

    /** At once; or, where the news is slow, later and in the same order. */
    private void deliver(MetadataUpdate update) {
        long delay = host.metadataDelayNanos();
        if (delay == 0 && late.isEmpty()) {
            apply(update);
            return;
        }
        late.add(update);
        loop.afterVirtual(delay == 0 ? 0 : host.random().exponential(delay), "late metadata", null, () -> {
            MetadataUpdate next = late.poll();
            if (next != null) {
                apply(next);
            }
        });
    }

    private void apply(MetadataUpdate update) {
        if (stopping) {
            return;
        }
        MetadataImage before = house.image();
        house.apply(update);
        MetadataImage now = update.image();
        long nanos = loop.nowNanos();
        if (!before.brokers().equals(now.brokers())) {
            inbox.touch();
            inbox.inbox().membersChanged(MetadataViews.members(now));
            for (LinkEnd link : links.values()) {
                link.touch();
                link.link().targetChanged(MetadataViews.members(now).brokerEpoch(link.peer()), nanos);
            }
        }
        inbox.touch();
        inbox.inbox().metadataApplied(now.index(), nanos);
        world.events().applied(host.nodeId(), now);
        broker.applied(now);
    }

    private void opened(HostedReplica replica) {
        replica.replica().isolated(isolated);
        for (LinkEnd link : links.values()) {
            if (link.isUp()) {
                replica.replica().linkUp(link.peer(), loop.nowNanos());
            }
        }
    }

    private void unreachable(int voter) {
        broker.unreachable(voter);
    }

    // ---- what the life of the registration asks for

    @Override
    public void registered(long epoch) {
        brokerEpoch = epoch;
        house.registered();
        inbox.touch();
        inbox.inbox().registered(epoch);
        for (LinkEnd link : links.values()) {
            link.touch();
            link.link().registered(epoch, loop.nowNanos());
        }
    }

    @Override
    public void metadataWanted(long index) {
        metadata.wanted(index);
    }

    @Override
    public void isolated(boolean now) {
        isolated = now;
        for (HostedReplica replica : replicas.all()) {
            replica.touch();
            replica.replica().isolated(now);
        }
    }

    /** A rolling restart begins. */
    void shutDown() {
        loop.post("shutdown wanted", broker::shutdownWanted);
    }

    @Override
    public void flushAndMark(long provenEpoch) {
        stopping = true;
        loop.post("flush and mark", () -> {
            boolean written = false;
            house.release("the node shuts down");
            try {
                boolean healthy = directory.failure().isEmpty();
                directory.close();
                if (healthy && provenEpoch > 0) {
                    marked = true; // from here on everything is on the disk, and the proof may be, too
                    files.noteCleanStop(
                            new Marker(provenEpoch, directory.identity().directoryId()));
                    written = true;
                }
            } catch (IOException e) {
                written = false;
            }
            broker.marked(written);
        });
    }

    @Override
    public void exit(boolean clean) {
        // After this turn: nothing of the process may be left in the middle of something.
        host.exitSoon(clean);
    }

    private void directoryFailed() {
        broker.directoryFailed();
        loop.after(OFFLINE_NANOS, "exit after a failed directory", () -> exit(false));
    }

    /** Gives back the memory of a process that ended. */
    void release() {
        loop.stop();
        house.release("the process ended");
        directory.abandon();
        links.values().forEach(link -> link.link().stop("the process ended", 0));
    }

    // ---- services

    @Override
    public int nodeId() {
        return host.nodeId();
    }

    @Override
    public NodeLoop loop() {
        return loop;
    }

    @Override
    public WorldEvents events() {
        return world.events();
    }

    @Override
    public long brokerEpoch() {
        return brokerEpoch;
    }

    BrokerRef self() {
        return new BrokerRef(host.nodeId(), brokerEpoch);
    }

    int controller() {
        return broker.lifecycle().controller();
    }

    @Override
    public long appliedMetadataIndex() {
        return house.image().index();
    }

    @Override
    public long nextSession() {
        return ++sessions;
    }

    @Override
    public void send(int node, PeerStream stream, ReplicaMessage.ToFollower message) {
        LinkEnd link = links.get(node);
        if (link != null) {
            link.send(stream, message);
        } else if (message instanceof ReplicaMessage.Append append) {
            append.release();
        }
    }

    @Override
    public void propose(InSyncProposal proposal) {
        requests.propose(proposal);
    }

    @Override
    public void resign(LogId id, Resignation resignation) {
        requests.resign(id, resignation);
    }

    @Override
    public void metadataWanted() {
        metadata.wanted(house.image().index() + 1);
    }

    /** After an I/O error somebody looks at it and starts the node anew; without one, a broken invariant has stopped it. */
    @Override
    public void replicaStopped(LogId id, String why) {
        if (host.hasIoFaults()) {
            loop.after(OFFLINE_NANOS, "exit after a failed replica", () -> exit(false));
        } else {
            world.events().replicaStopped(host.nodeId(), id, why);
        }
    }

    @Override
    public void replicaDamaged(LogId id, String why) {
        damage.found(new ReplicaId(id.topicId(), id.partition()), why);
        if (!host.hasIoFaults() && !host.hasRot()) {
            world.events().replicaStopped(host.nodeId(), id, why);
        }
    }

    @Override
    public void countPressed() {
        host.countPressed();
    }

    @Override
    public void countBusy() {
        host.countBusy();
    }

    @Override
    public void countTruncation() {
        host.countTruncation();
    }

    @Override
    public void wantsTicks(HostedReplica replica) {
        ticking.add(replica);
        if (!ticks) {
            ticks = true;
            loop.after(REPLICA_TICK_NANOS, "replica tick", this::tickReplicas);
        }
    }

    // ---- for those who see everything

    /** Whether everything is on the disk, and the proof of that may be, too. */
    boolean isMarked() {
        return marked;
    }

    MetadataImage image() {
        return house.image();
    }

    /** On the links that are up. */
    long bytesInFlight() {
        return links.values().stream()
                .map(LinkEnd::link)
                .mapToLong(link -> link.inFlightBytes(PeerStream.DATA) + link.inFlightBytes(PeerStream.CATCH_UP))
                .sum();
    }

    Replicas replicas() {
        return replicas;
    }

    SimIo io() {
        return io;
    }

    @Nullable
    PartitionLog log(LogId id) {
        return directory.find(id).orElse(null);
    }
}
