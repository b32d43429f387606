// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

/**
 * Why a log was not opened for service (P34): the bytes at {@code offset} were once durable and are wrong or gone. Nothing was cut.
 *
 * <p><i>immutable</i>
 */
public record Damage(long offset, String detail) {}
