// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.broker;

import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.image.MetadataError;

/** What the shell around {@link BrokerLifecycle} must do. *Immutable.* */
public sealed interface BrokerAction {

    /** Ask the controller to register this node; tell {@code onRegistered} or {@code onRefused}. */
    record Register() implements BrokerAction {}

    /** Write the epoch so that it survives a power loss, then tell {@code onEpochStored}. */
    record StoreEpoch(long brokerEpoch) implements BrokerAction {}

    /** Send it; tell {@code onHeard} or {@code onRefused}. */
    record SendHeartbeat(BrokerHeartbeat heartbeat) implements BrokerAction {}

    /** The image has this node unfenced, under this registration. */
    record Unfenced() implements BrokerAction {}

    /** The image has it fenced again: somebody else leads what it led. */
    record Fenced() implements BrokerAction {}

    /** No answer for most of a session: only what needs no lease may go on. */
    record Isolated() implements BrokerAction {}

    /** Answers come again. */
    record Connected() implements BrokerAction {}

    /** This process must end. */
    record Stop(MetadataError why) implements BrokerAction {}
}
