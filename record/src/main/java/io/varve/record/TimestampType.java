// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

/** Who sets the time of a record. <i>Immutable.</i> */
public enum TimestampType {
    /** The producer's clock; every record of a batch has its own time. */
    CREATE_TIME,
    /** The leader's clock at the append; all records of a batch share the batch's maximum timestamp. */
    LOG_APPEND_TIME
}
