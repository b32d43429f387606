// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata;

import io.varve.metadata.image.CommandResult;

/** What became of a command, and where it stands in the metadata log. *Immutable.* */
public record ApplyReply(long index, long term, CommandResult result) {}
