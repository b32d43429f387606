// SPDX-License-Identifier: Apache-2.0
package io.varve.node.partition;

import io.varve.metadata.broker.DamageReports;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.ReplicaId;
import io.varve.storage.LogId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to this node's damaged replicas until they are copied anew (P34): tells the controller, and has them started afresh
 * once it does not count on them and somebody else leads. <i>Thread-safe.</i>
 */
public final class DamagedReplicas {

    private static final Logger LOG = LoggerFactory.getLogger(DamagedReplicas.class);

    private final DamageReports reports = new DamageReports(); // guarded by this
    private final Supplier<BrokerRef> self;
    private final Function<CommandBody, CompletableFuture<Void>> controller;
    private volatile Runnable onNews = () -> {}; // volatile: set once, before there are replicas

    /**
     * @param self this node as it is registered now
     * @param controller where reports go; completes when they are in the metadata
     */
    public DamagedReplicas(Supplier<BrokerRef> self, Function<CommandBody, CompletableFuture<Void>> controller) {
        this.self = self;
        this.controller = controller;
    }

    /** The replica takes and gives nothing more. */
    public void found(LogId log, String why) {
        synchronized (this) {
            reports.found(id(log), why);
        }
        onNews.run();
    }

    /** Rings when a look is due, on any thread. */
    void onNews(Runnable bell) {
        onNews = bell;
    }

    synchronized boolean isEmpty() {
        return reports.isEmpty();
    }

    /** To be called with every new image, and every now and then: which replicas must be started afresh now. */
    List<ReplicaId> look(MetadataImage image) {
        BrokerRef me = self.get();
        CommandBody report;
        List<ReplicaId> now;
        synchronized (this) {
            report = reports.report(me, image, System.nanoTime()).orElse(null);
            now = reports.startAfresh(me, image);
        }
        if (report != null) {
            var unused = controller.apply(report).whenComplete((done, failure) -> {
                if (failure != null) {
                    LOG.warn("the controller did not hear of damaged replicas, it is told again: {}", report, failure);
                }
            });
        }
        return now;
    }

    void started(ReplicaId replica) {
        synchronized (this) {
            reports.started(replica);
        }
        onNews.run();
    }

    synchronized void notStarted(ReplicaId replica) {
        reports.notStarted(replica);
    }

    private static ReplicaId id(LogId log) {
        return new ReplicaId(log.topicId(), log.partition());
    }
}
