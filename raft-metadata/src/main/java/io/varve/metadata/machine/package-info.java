// SPDX-License-Identifier: Apache-2.0
/**
 * Commands applied to images: the only writer of the metadata. Pure and total: no clock, no chance, no threads, no
 * files, and nothing that a command contains makes it throw. Every voter runs this code over the same log and must
 * arrive at the same bytes, so a change of meaning here needs a new command version.
 */
@NullMarked
package io.varve.metadata.machine;

import org.jspecify.annotations.NullMarked;
