// SPDX-License-Identifier: Apache-2.0
/**
 * The command line as a user has it: the launcher script, real node processes, real files. Uses nothing of the other
 * packages but {@code process}.
 */
@NullMarked
package io.varve.it.cli;

import org.jspecify.annotations.NullMarked;
