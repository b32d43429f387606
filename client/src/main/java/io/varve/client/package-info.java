// SPDX-License-Identifier: Apache-2.0
/**
 * The Java client: Producer, Consumer, Admin.
 */
@NullMarked
package io.varve.client;

import org.jspecify.annotations.NullMarked;
