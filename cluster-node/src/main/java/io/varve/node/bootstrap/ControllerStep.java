// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.metadata.Controller;
import io.varve.metadata.QuorumListener;
import io.varve.metadata.controller.ControllerSettings;
import io.varve.metadata.runtime.ControllerLoop;
import io.varve.node.config.NodeConfig;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The controller, active while this node leads the metadata quorum. */
final class ControllerStep implements NodeStep {

    private final NodeConfig config;
    private final QuorumStep quorum;
    private final Consumer<Throwable> onFatal;
    private @Nullable ControllerLoop controller;

    /** @param onFatal hears when this node's voter is dead */
    ControllerStep(NodeConfig config, QuorumStep quorum, Consumer<Throwable> onFatal) {
        this.config = config;
        this.quorum = quorum;
        this.onFatal = onFatal;
    }

    @Override
    public String name() {
        return "controller";
    }

    @Override
    public void start() {
        quorum.quorum().addListener(new QuorumListener() {
            @Override
            public void onFatal(Throwable cause) {
                onFatal.accept(cause);
            }
        });
        controller = ControllerLoop.start(
                quorum.quorum(),
                config.identity().id(),
                ControllerSettings.ofSession(config.cluster().membership().sessionTimeout()));
    }

    Controller controller() {
        return Objects.requireNonNull(controller);
    }

    @Override
    public void stop() {
        if (controller != null) {
            controller.close();
        }
    }
}
