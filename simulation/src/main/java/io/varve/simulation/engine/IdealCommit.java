// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;

/** One command in the ideal log, committed, and what it did. */
record IdealCommit(IdealEntry entry, ApplyReply reply, MetadataDelta delta, MetadataImage image, long atNanos) {}
