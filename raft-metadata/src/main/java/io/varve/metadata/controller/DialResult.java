// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

/** What came of one attempt to connect to a node's node-to-node port. */
public enum DialResult {
    /** Somebody listens there. */
    ANSWERED,
    /** The host says that nobody does. */
    REFUSED,
    /** The connection was cut at once. */
    RESET,
    /** Nothing was heard in time: this proves nothing. */
    SILENT
}
