// SPDX-License-Identifier: Apache-2.0
/**
 * The metadata machine and image, the controller, and the adapter to Apache Ratis.
 */
@NullMarked
package io.varve.metadata;

import org.jspecify.annotations.NullMarked;
