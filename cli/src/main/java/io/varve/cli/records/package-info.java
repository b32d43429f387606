// SPDX-License-Identifier: Apache-2.0
/**
 * Producing and consuming from the command line: record formats, positions, line reading. Records are bytes here, never
 * decoded but for JSON output.
 */
@NullMarked
package io.varve.cli.records;

import org.jspecify.annotations.NullMarked;
