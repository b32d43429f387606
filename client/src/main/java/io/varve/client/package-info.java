// SPDX-License-Identifier: Apache-2.0
/**
 * The Java client: what a program depends on to produce, consume and administer. Everything public is here and in
 * {@code io.varve.client.errors}; {@code internal} packages may change at any time. No type of the wire (gRPC,
 * protobuf, Netty) appears in a public signature.
 */
@NullMarked
package io.varve.client;

import org.jspecify.annotations.NullMarked;
