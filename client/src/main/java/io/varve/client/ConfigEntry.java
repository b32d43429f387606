// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

/**
 * One config of a topic. <i>Immutable.</i>
 *
 * @param isDefault whether the value was never set
 */
public record ConfigEntry(String name, String value, boolean isDefault) {}
