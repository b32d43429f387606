// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.client;

import io.varve.client.ErrorDetails;
import io.varve.client.internal.producer.TopicView;
import io.varve.metadata.image.CommandResult;
import java.nio.ByteBuffer;

/** What a node says to a simulated client. <i>Immutable.</i> */
public sealed interface ClientAnswer {
    /** About how much it weighs on the network. */
    default int sizeBytes() {
        return 64;
    }

    /** To {@link ClientRequest.Produce} with acks; there is no answer without, unless it was refused. */
    record Stored(long baseOffset, long logAppendTimeMs) implements ClientAnswer {}

    /** To anything: it did not work; {@link NodeErrors} makes the details. */
    record Refused(ErrorDetails error) implements ClientAnswer {}

    /**
     * To {@link ClientRequest.Fetch}.
     *
     * @param batches whole ones, the first may begin below the offset that was asked for; a copy of its own
     * @param leaderEpoch of the leader that answers
     */
    record Records(ByteBuffer batches, long visibleEndOffset, long logStartOffset, int leaderEpoch)
            implements ClientAnswer {
        @Override
        public int sizeBytes() {
            return 64 + batches.remaining();
        }
    }

    /** To {@link ClientRequest.Fetch}: records of {@code epoch}, or of those before it, end here at {@code endOffset} (P32). */
    record Diverged(int epoch, long endOffset, int leaderEpoch) implements ClientAnswer {}

    /** To {@link ClientRequest.Fetch}: the log begins later. */
    record TooEarly(long logStartOffset, int leaderEpoch) implements ClientAnswer {}

    /** To {@link ClientRequest.Latest}. */
    record LatestOffset(long offset, int leaderEpoch) implements ClientAnswer {}

    /** To {@link ClientRequest.Metadata}; a topic that is not there is a view with an error. */
    record Metadata(TopicView view) implements ClientAnswer {}

    /** To {@link ClientRequest.ProducerId}. */
    record ProducerId(long id) implements ClientAnswer {}

    /** To {@link ClientRequest.Administer}: committed, with this result, which may be a refusal. */
    record Administered(CommandResult result) implements ClientAnswer {}
}
