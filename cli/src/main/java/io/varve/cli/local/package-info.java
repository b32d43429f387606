// SPDX-License-Identifier: Apache-2.0
/**
 * A cluster of real node processes on this machine, for trying things out. A node is started through the launcher and
 * outlives the command; what is known about it stands in the directory of the cluster.
 */
@NullMarked
package io.varve.cli.local;

import org.jspecify.annotations.NullMarked;
