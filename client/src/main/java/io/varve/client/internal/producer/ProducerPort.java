// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.producer;

import io.varve.client.ErrorDetails;
import java.util.List;

/** What the core asks of the world. Called on the core's thread, inside an event; must not call the core back. */
public interface ProducerPort {
    /** Moves everything collected for a partition and not yet handed over into the list, in order, the open batch last. */
    void seal(String topic, int partition, List<Batch> into);

    /** Opens a stream to a node; answered by nodeReady or nodeDown. */
    void connect(int node);

    /** Puts a batch on the node's stream. Returns whether the stream takes more; if not, nodeReady follows. */
    boolean send(int node, Flight flight);

    /** Breaks a stream that owes answers for too long; answered by nodeDown. */
    void reset(int node);

    /** Asks for a topic's metadata; answered by metadata or metadataFailed. */
    void refreshMetadata(String topic);

    /** Asks for a producer id; answered by producerId or producerIdFailed. */
    void allocateProducerId();

    /** The records are stored. The base offset is -1 if it is not known. */
    void complete(Batch batch, long baseOffset, long logAppendTimeMs);

    /** The records failed, or are given up on: the outcome says whether they may be stored. */
    void fail(Batch batch, ErrorDetails error);

    /** No connection reads the batch's bytes any more, and none will. After complete or fail, once. */
    void release(Batch batch);
}
