// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.client;

/**
 * A node's front door: what a simulated node does for clients. Never answers from within the call of another request's
 * answer; may answer at once, later, or never. Each method answers at most once.
 */
public interface NodeFront {
    /** Appends through the partition's replica. With acks 0 only a refusal is answered. */
    void produce(ClientRequest.Produce request, Reply reply);

    /** Reads below the leader's visible end. */
    void fetch(ClientRequest.Fetch request, Reply reply);

    /** Refused with OFFSET_NOT_AVAILABLE's equivalent, LEADER_NOT_AVAILABLE, while the leader does not know it (P17). */
    void latest(ClientRequest.Latest request, Reply reply);

    void metadata(ClientRequest.Metadata request, Reply reply);

    void allocateProducerId(Reply reply);

    void administer(ClientRequest.Administer request, Reply reply);

    /** Where an answer goes. */
    @FunctionalInterface
    interface Reply {
        /** Dropped silently once the connection that the request came by is gone. */
        void answer(ClientAnswer answer);
    }

    /** Hands a request to the method for it. */
    default void handle(ClientRequest request, Reply reply) {
        if (request instanceof ClientRequest.Produce r) {
            produce(r, reply);
        } else if (request instanceof ClientRequest.Fetch r) {
            fetch(r, reply);
        } else if (request instanceof ClientRequest.Latest r) {
            latest(r, reply);
        } else if (request instanceof ClientRequest.Metadata r) {
            metadata(r, reply);
        } else if (request instanceof ClientRequest.ProducerId) {
            allocateProducerId(reply);
        } else if (request instanceof ClientRequest.Administer r) {
            administer(r, reply);
        } else {
            throw new IllegalStateException("unknown request " + request);
        }
    }
}
