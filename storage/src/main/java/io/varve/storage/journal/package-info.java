// SPDX-License-Identifier: Apache-2.0
/**
 * One file for the flushes of many logs: a data directory's journal. {@code Journal} is the entry; logs see it as {@code Turn}s that become durable.
 */
@NullMarked
package io.varve.storage.journal;

import org.jspecify.annotations.NullMarked;
