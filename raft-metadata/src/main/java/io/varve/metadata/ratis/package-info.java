// SPDX-License-Identifier: Apache-2.0
/** The adapter to Apache Ratis: the only package that sees it. */
@NullMarked
package io.varve.metadata.ratis;

import org.jspecify.annotations.NullMarked;
