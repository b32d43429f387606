// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal;

import io.varve.client.ErrorCode;
import io.varve.client.VarveException;
import io.varve.client.errors.InterruptException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What everything made from one client shares. <i>Thread-safe.</i> */
public final class ClientContext implements AutoCloseable {
    private final ClientSettings settings;
    private final Connections connections;
    private final Timer timer;
    private final Cluster cluster;
    private final ThreadPoolExecutor callbacks;
    private final Set<AutoCloseable> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger numbers = new AtomicInteger();
    private volatile boolean closed;

    public ClientContext(ClientSettings settings) {
        this.settings = settings;
        this.connections = new Connections(settings.clientId());
        this.timer = new Timer("varve-" + settings.clientId() + "-timer");
        this.cluster = new Cluster(settings, connections, timer);
        this.callbacks = new ThreadPoolExecutor(
                1,
                1,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Daemons.named("varve-" + settings.clientId() + "-callbacks"),
                new ThreadPoolExecutor.CallerRunsPolicy());
        callbacks.allowCoreThreadTimeOut(true);
    }

    public ClientSettings settings() {
        return settings;
    }

    public Connections connections() {
        return connections;
    }

    public Timer timer() {
        return timer;
    }

    public Cluster cluster() {
        return cluster;
    }

    /** For user code that follows an answer. */
    public ExecutorService callbacks() {
        return callbacks;
    }

    /** A name for a thread of a part of this client. */
    public String threadName(String part) {
        return "varve-" + settings.clientId() + "-" + part + "-" + numbers.incrementAndGet();
    }

    /** Closes the part along with the client. */
    public void opened(AutoCloseable part) {
        throwIfClosed();
        open.add(part);
    }

    public void closed(AutoCloseable part) {
        open.remove(part);
    }

    public void throwIfClosed() {
        if (closed) {
            throw new IllegalStateException("the client is closed");
        }
    }

    /** Waits for an answer that is bounded by a deadline of its own. */
    public static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            throw interrupted();
        } catch (ExecutionException e) {
            throw asVarveException(e);
        }
    }

    /** For whoever caught an InterruptedException: sets the thread's flag again. */
    public static InterruptException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptException(
                Errors.local(ErrorCode.CANCELLED, "INTERRUPTED", "interrupted while waiting for an answer", ""));
    }

    /** The failure of a future as it is to be thrown. */
    public static VarveException asVarveException(Throwable failure) {
        Throwable t = failure;
        while ((t instanceof CompletionException || t instanceof ExecutionException) && t.getCause() != null) {
            t = t.getCause();
        }
        return t instanceof VarveException known ? known : Exceptions.of(Errors.of(t, "the call"));
    }

    @Override
    public void close() {
        closed = true;
        for (AutoCloseable part : open) {
            try {
                part.close();
            } catch (Exception e) {
                throw new IllegalStateException("closing a part of the client failed", e);
            }
        }
        cluster.close();
        connections.close();
        timer.close();
        callbacks.shutdown();
    }
}
