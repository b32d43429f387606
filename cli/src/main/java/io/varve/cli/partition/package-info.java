// SPDX-License-Identifier: Apache-2.0
/** {@code varve partition ...}. */
@NullMarked
package io.varve.cli.partition;

import org.jspecify.annotations.NullMarked;
