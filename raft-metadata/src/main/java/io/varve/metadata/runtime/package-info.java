// SPDX-License-Identifier: Apache-2.0
/** The threads around the pure cores of this module. */
@NullMarked
package io.varve.metadata.runtime;

import org.jspecify.annotations.NullMarked;
