// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

/** What must have happened to a record's bytes before its replica may count it (P14). */
public enum Durability {
    /** {@code fdatasync} has returned: the record survives a power loss of this node. */
    FLUSHED,
    /** {@code write} has returned: the record survives the end of this process, not a power loss. */
    WRITTEN
}
