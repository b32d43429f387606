// SPDX-License-Identifier: Apache-2.0
/**
 * The metadata of the cluster: ports and facades of this module. Packages below: {@code image} (values), {@code
 * command}, {@code topic} (names and configs), {@code machine} (commands applied to images), {@code controller} and
 * {@code broker} (pure cores), {@code runtime} (their threads), {@code ratis} (the only one that sees Apache Ratis).
 */
@NullMarked
package io.varve.metadata;

import org.jspecify.annotations.NullMarked;
