// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

/** Where a command stands in the log. *Immutable.* The term is that of the leader that appended it. */
public record ApplyContext(long index, long term) {}
