// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import io.varve.metadata.machine.MetadataMachine;
import io.varve.metadata.ratis.RaftStartException.Kind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage.StartupOption;
import org.apache.ratis.util.ExitUtils;

/**
 * The steps that start a voter. The first start is told all voters; every later one only knows what its own log says,
 * so that a list in a file can never split the quorum.
 */
final class RatisStart {

    static {
        // Ratis asks for it, or prints a warning about performance at each start.
        System.setProperty("org.apache.ratis.thirdparty.io.netty.allocator.useCacheForAllThreads", "false");
        // Ratis ends the process when it cannot bind, and when any thread, not only its own, lets an exception escape.
        // Whether to end the process is for the node to say.
        var handler = Thread.getDefaultUncaughtExceptionHandler();
        ExitUtils.disableSystemExit();
        Thread.setDefaultUncaughtExceptionHandler(handler);
    }

    private RatisStart() {}

    static RatisQuorum start(RaftSettings settings) {
        try {
            var directory = RaftDirectory.open(
                    settings.directory(), settings.identity(), settings.tuning().freeSpaceMinBytes());
            return start(settings, directory);
        } catch (IOException e) {
            throw failed(settings, e);
        }
    }

    /** The directory is closed with the voter, or at once if it does not start. */
    static RatisQuorum start(RaftSettings settings, RaftDirectory directory) {
        try {
            try {
                return startIn(settings, directory);
            } catch (IOException | RuntimeException e) {
                directory.close();
                throw e;
            }
        } catch (IOException e) {
            throw failed(settings, e);
        }
    }

    private static RatisQuorum startIn(RaftSettings settings, RaftDirectory directory) throws IOException {
        checkAddress(settings);
        directory.removeUnusedGroup();
        boolean again = directory.hasGroup();
        if (again) {
            new LogTailCheck(directory, RatisProperties.MAX_ENTRY_BYTES).run();
        }
        var group = RaftGroupId.valueOf(settings.identity().clusterId());
        var listeners = new Listeners();
        var stateMachine = new MetaStateMachine(new MetadataMachine(), listeners, directory);
        // Its own threads are in a group of their own: RatisShutdown must not touch those of another voter.
        var threads = new ThreadGroup("raft-" + settings.identity().peerName());
        var builder = RaftServer.newBuilder()
                .setServerId(RaftPeerId.valueOf(settings.identity().peerName()))
                .setGroup(directory.firstStart() ? RaftGroup.valueOf(group, peers(settings)) : RaftGroup.valueOf(group))
                .setStateMachine(stateMachine)
                .setProperties(RatisProperties.of(settings))
                .setOption(again ? StartupOption.RECOVER : StartupOption.FORMAT)
                .setThreadGroup(threads);
        RaftServer server;
        try {
            server = within(threads, () -> start(builder, group, stateMachine));
        } catch (ExecutionException e) {
            throw failed(settings, e);
        }
        var shutdown = new RatisShutdown(
                server, group, threads, new InetSocketAddress(settings.bindHost(), settings.bindPort()));
        var parts = new RatisQuorum.Parts(stateMachine, listeners, directory, shutdown);
        return new RatisQuorum(server, group, parts, settings.tuning());
    }

    private static RaftServer start(RaftServer.Builder builder, RaftGroupId group, MetaStateMachine stateMachine)
            throws IOException {
        var server = builder.build();
        try {
            server.start();
            if (!server.getDivision(group).getInfo().isAlive()) {
                throw new IOException("the Raft division did not start");
            }
            return server;
        } catch (IOException | RuntimeException e) {
            stateMachine.expectClose();
            server.close();
            throw e;
        }
    }

    /** Threads are born into the group of the thread that makes them. */
    private static <T> T within(ThreadGroup threads, Callable<T> work) throws IOException, ExecutionException {
        var task = new FutureTask<>(work);
        var starter = new Thread(threads, task, "raft-start");
        starter.start();
        try {
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the metadata quorum started");
        }
    }

    /** Ratis would find out too, but say it with a stack trace. */
    private static void checkAddress(RaftSettings settings) throws IOException {
        bindBriefly(new InetSocketAddress(settings.bindHost(), settings.bindPort()));
    }

    /** Fails while anybody listens at this address. */
    static void bindBriefly(InetSocketAddress address) throws IOException {
        try (var probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(address);
        }
    }

    private static List<RaftPeer> peers(RaftSettings settings) {
        return settings.initialVoters().stream()
                .map(v -> RaftPeer.newBuilder()
                        .setId(new RaftIdentity(settings.identity().clusterId(), v.nodeId(), v.directoryId())
                                .peerName())
                        .setAddress(v.host() + ":" + v.port())
                        .build())
                .toList();
    }

    private static RaftStartException failed(RaftSettings settings, Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof RaftStartException known) {
                return known;
            }
            if (t instanceof SocketException || t instanceof UnresolvedAddressException) {
                return new RaftStartException(
                        Kind.ADDRESS,
                        "the Raft address " + settings.bindHost() + ":" + settings.bindPort() + " cannot be used: "
                                + t.getMessage(),
                        "stop what uses it, or set raft.bind to another address",
                        failure);
            }
        }
        return new RaftStartException(
                Kind.OTHER, "the metadata quorum did not start: " + failure, "see the log", failure);
    }
}
