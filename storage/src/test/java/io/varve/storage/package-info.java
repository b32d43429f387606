// SPDX-License-Identifier: Apache-2.0
/** Tests of the log on disk. */
@NullMarked
package io.varve.storage;

import org.jspecify.annotations.NullMarked;
