// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.broker;

import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.image.MetadataError;

/** What the shell around {@link BrokerLifecycle} must do. *Immutable.* */
public sealed interface BrokerAction {

    /** Ask this voter to register the node; tell {@code onRegistered} or {@code onRefused} with the request's number. */
    record Register(long request, int to) implements BrokerAction {}

    /** Write the epoch so that it survives a power loss, then tell {@code onEpochStored}. */
    record StoreEpoch(long brokerEpoch) implements BrokerAction {}

    /** Send it to this voter, on the stream to it; tell {@code onHeartbeatAnswered} or {@code onRefused}. */
    record SendHeartbeat(long request, int to, BrokerHeartbeat heartbeat) implements BrokerAction {}

    /** The metadata here should soon be at this index: tell the metadata follower that it is wanted. */
    record WantMetadata(long index) implements BrokerAction {}

    /** The image has this node unfenced, under this registration. */
    record Unfenced() implements BrokerAction {}

    /** The image has it fenced again, or registered anew: somebody else leads what it led. */
    record Fenced() implements BrokerAction {}

    /** No answer for most of a session: only what needs no lease may go on. */
    record Isolated() implements BrokerAction {}

    /** Answers come again. */
    record Connected() implements BrokerAction {}

    /**
     * Close every log after flushing it, then write the proof of a clean stop, and tell {@code onMarked}. Nothing may be
     * written to a log any more (P29).
     *
     * @param brokerEpoch that the proof names; 0: there is nothing to prove, so no proof is written
     */
    record FlushAndMark(long brokerEpoch) implements BrokerAction {}

    /**
     * This process ends as it was asked to.
     *
     * @param clean whether the proof of a clean stop is written
     */
    record Exit(boolean clean) implements BrokerAction {}

    /** This process must end. */
    record Stop(MetadataError why) implements BrokerAction {}
}
