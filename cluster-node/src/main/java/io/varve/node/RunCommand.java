// SPDX-License-Identifier: Apache-2.0
package io.varve.node;

import io.varve.node.bootstrap.ClusterNode;
import io.varve.node.config.LoadedConfig;
import io.varve.node.logging.NodeLogging;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code varve node run}: runs until SIGTERM or SIGINT, then stops cleanly with exit code 0. */
@Command(
        name = "run",
        description = "Runs the node until it is told to stop (SIGTERM).",
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {

    /** A stop that takes longer is given up; the next start recovers as after a crash. */
    private static final long STOP_TIMEOUT_SECONDS = 30;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    private ConfigFileOption config;

    @Override
    public Integer call() throws Exception {
        LoadedConfig loaded = config.load();
        NodeLogging.apply(loaded.config().identity());
        Logger log = LoggerFactory.getLogger(RunCommand.class);
        loaded.effective().forEach((name, value) -> log.info("setting {}: {}", name, value));

        ClusterNode node = ClusterNode.of(loaded);
        AtomicBoolean signalled = new AtomicBoolean();
        AtomicBoolean over = new AtomicBoolean();
        Thread hook = new Thread(
                () -> {
                    if (!over.get()) {
                        signalled.set(true);
                        stopWithin(node, log);
                    }
                },
                "shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            node.start();
            node.awaitStopped();
        } catch (Exception | Error e) {
            over.set(true);
            NodeLogging.flush();
            throw e;
        }
        if (signalled.get()) {
            // The hook ends the process.
            hook.join();
        }
        over.set(true);
        NodeLogging.flush();
        if (node.failure().isPresent()) {
            throw node.failure().get();
        }
        return 0;
    }

    /** Ends the process: 0 after a clean stop, which the virtual machine by itself would report as 143. */
    private static void stopWithin(ClusterNode node, Logger log) {
        log.info("stopping");
        Thread stopper = new Thread(node::stop, "stop");
        stopper.setDaemon(true);
        stopper.start();
        try {
            stopper.join(TimeUnit.SECONDS.toMillis(STOP_TIMEOUT_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        boolean clean = !stopper.isAlive();
        if (clean) {
            log.info("stopped");
        } else {
            log.warn("not stopped after {} s, giving up; the next start recovers", STOP_TIMEOUT_SECONDS);
        }
        NodeLogging.flush();
        Runtime.getRuntime().halt(clean ? 0 : 1);
    }
}
