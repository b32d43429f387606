// SPDX-License-Identifier: Apache-2.0
/**
 * The varve command, a thin client of the public API. This package holds the command tree and what every command
 * shares: the console, failures and exit codes, tables, units. Sub-packages hold one noun each; they use this package
 * and not each other. Only the client and the generated API are seen from here, never a module of the node.
 */
@NullMarked
package io.varve.cli;

import org.jspecify.annotations.NullMarked;
