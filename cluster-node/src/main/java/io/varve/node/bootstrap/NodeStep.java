// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

/**
 * One part of the node that starts after those it needs and stops before them. A step hands out what it made through
 * accessors that work between start and stop. <i>Confined to the thread that starts and stops the node, but for the
 * accessors.</i>
 */
interface NodeStep {

    /** Two or three words for logs: "starting NAME". */
    String name();

    /** Returns when the part works. After an exception, {@link #stop()} is still called to tidy up. */
    void start() throws Exception;

    /** Stops what was started, as far as it was; never waits for ever. */
    void stop() throws Exception;
}
