// SPDX-License-Identifier: Apache-2.0
/** {@code varve cluster}, {@code quorum} and {@code broker}: how the cluster is. */
@NullMarked
package io.varve.cli.cluster;

import org.jspecify.annotations.NullMarked;
