// SPDX-License-Identifier: Apache-2.0
package io.varve.node.control;

import io.varve.metadata.MetadataRejection;

/** What came of a question to one voter. <i>Immutable.</i> */
public sealed interface VoterAnswer<T> {

    /** It took it. */
    record Given<T>(T value) implements VoterAnswer<T> {}

    /**
     * It refused it as a whole.
     *
     * @param hint the node that it takes for the active controller; 0 for nobody
     */
    record Refused<T>(MetadataRejection rejection, int hint) implements VoterAnswer<T> {}

    /**
     * No answer, and there will be none.
     *
     * @param sent whether the voter may have got it
     */
    record Unreachable<T>(boolean sent, String why) implements VoterAnswer<T> {}
}
