// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

/**
 * One setting as somebody wrote it.
 *
 * @param name the key, dotted; an element of a list has its index in brackets, as in {@code listeners[0].bind}
 * @param origin where it stands, for messages: {@code node.yaml:3} or {@code VARVE_NODE_IO_THREADS}
 */
record RawSetting(String name, String text, String origin) {}
