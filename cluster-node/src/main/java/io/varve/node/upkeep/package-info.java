// SPDX-License-Identifier: Apache-2.0
/**
 * What has to be done from time to time: retention, flushes, checkpoints, a look at the disk.
 */
@NullMarked
package io.varve.node.upkeep;

import org.jspecify.annotations.NullMarked;
