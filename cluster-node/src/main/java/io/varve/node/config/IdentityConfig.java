// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

/**
 * Who the node is. <i>Immutable.</i>
 *
 * @param id unique in the cluster, at least 1
 * @param rack where it stands; empty for unknown
 * @param logLevel of the node's own loggers
 */
public record IdentityConfig(int id, String rack, LogLevel logLevel) {

    /** From few lines to many. */
    public enum LogLevel {
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }
}
