// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.netty.buffer.PooledByteBufAllocator;
import io.varve.proto.internal.v1.ExchangeResponse;
import io.varve.replication.PeerPort;
import io.varve.replication.link.LinkSettings;
import io.varve.replication.link.NodeIdentity;
import io.varve.replication.protocol.Members;
import io.varve.storage.LogId;
import io.varve.transport.BulkMethods;
import io.varve.transport.ChannelFactory;
import io.varve.transport.ExchangeFrame;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Push replication of a node: a link to every other node that the metadata knows, and the inbox for theirs. It is given
 * to the partitions as their {@link PeerPort}, its service to the peer port's listener; then it needs to hear under which
 * broker epoch the node is registered, and every image that the replicas have taken up. <i>Thread-safe.</i>
 */
public final class ReplicaPush implements PeerPort, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaPush.class);
    private static final long CLOSE_SECONDS = 5;
    private static final int JITTER_NANOS = 20_000_000;

    private final NodeIdentity self;
    private final PushWorld world;
    private final PushSettings settings;
    private final InSyncRequests inSync;
    private final ChannelFactory channels;
    private final MethodDescriptor<ExchangeFrame, ExchangeResponse> method;
    private final InboxShell inbox;
    private final Map<Integer, LinkShell> links = new ConcurrentHashMap<>();
    private long brokerEpoch = -1; // guarded by this
    private boolean closed; // guarded by this

    public ReplicaPush(NodeIdentity self, PushWorld world, PushSettings settings, InSyncRequests inSync) {
        this.self = self;
        this.world = world;
        this.settings = settings;
        this.inSync = inSync;
        this.channels = new ChannelFactory(world.network(), settings.channels());
        this.method = BulkMethods.exchange(PooledByteBufAllocator.DEFAULT, settings.maxPayloadBytes());
        this.inbox = new InboxShell(self, world, settings);
        inbox.start();
    }

    /** For the listener between nodes; never for clients. */
    public BindableService service() {
        return new PeerGrpcService(method, inbox);
    }

    /** This node is registered, or registered anew. */
    public synchronized void registered(long epoch) {
        if (epoch == brokerEpoch) {
            return;
        }
        brokerEpoch = epoch;
        inbox.registered(epoch);
        links.values().forEach(link -> link.registered(epoch));
    }

    /**
     * All replicas of this node have taken up an image.
     *
     * @param nodes ids of all that are registered in it
     */
    public synchronized void imageApplied(Members members, Collection<Integer> nodes) {
        if (closed) {
            return;
        }
        for (int node : nodes) {
            if (node != self.nodeId() && !links.containsKey(node)) {
                links.put(node, newLink(node));
            }
        }
        links.forEach((node, link) -> link.targetChanged(members.brokerEpoch(node)));
        inbox.imageApplied(members);
    }

    private LinkShell newLink(int node) {
        LinkSettings link = settings.link();
        long jitterNanos = ThreadLocalRandom.current().nextInt(JITTER_NANOS);
        PushSettings own = new PushSettings(
                new LinkSettings(link.times().withJitterNanos(jitterNanos), link.limits()),
                settings.inbox(),
                settings.maxPayloadBytes(),
                settings.tickMillis(),
                settings.framesAhead(),
                settings.channels());
        LinkShell made = new LinkShell(node, self, world, own, channels, method);
        made.start();
        made.registered(brokerEpoch);
        return made;
    }

    /** The links at this moment. */
    public CompletableFuture<List<LinkView>> links() {
        List<CompletableFuture<LinkView>> views =
                links.values().stream().map(LinkShell::view).toList();
        return CompletableFuture.allOf(views.toArray(CompletableFuture<?>[]::new))
                .thenApply(none -> views.stream().map(CompletableFuture::join).toList());
    }

    /** Streams that others have open to this node, greeted or not. */
    public CompletableFuture<Integer> inboundStreams() {
        return inbox.streamCount();
    }

    // ---- for the partitions

    @Override
    public void send(int node, List<Outgoing> messages) {
        LinkShell link = links.get(node);
        if (link == null) {
            messages.forEach(Outgoing::release);
        } else {
            link.send(messages);
        }
    }

    @Override
    public void answer(List<Answer> answers) {
        inbox.answer(answers);
    }

    @Override
    public void propose(List<Proposal> proposals) {
        inSync.propose(proposals);
    }

    @Override
    public void metadataWanted(LogId partition, int leaderEpoch) {
        world.metadata().wanted(world.metadata().appliedIndex() + 1);
    }

    /** Ends every stream, in both directions. Close the partitions before. */
    @Override
    public void close() throws InterruptedException {
        List<CompletableFuture<Void>> ended = new ArrayList<>();
        synchronized (this) {
            closed = true;
            ended.add(inbox.stop("the node shuts down"));
            links.values().forEach(link -> ended.add(link.stop("the node shuts down")));
        }
        try {
            CompletableFuture.allOf(ended.toArray(CompletableFuture<?>[]::new)).get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("the links to other nodes did not end within {} s", CLOSE_SECONDS, e);
        }
    }
}
