// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import org.jspecify.annotations.Nullable;

/** Whether the node takes appends at all. *Thread-safe*; asked for every batch. */
@FunctionalInterface
public interface AppendGate {
    /** Always open. */
    AppendGate OPEN = () -> null;

    /** How long a producer should wait before it sends more, in milliseconds: the disk fills. */
    default int throttleMillis() {
        return 0;
    }

    /** Null when appends are taken; else why they are refused as DISK_FULL, in one sentence. */
    @Nullable
    String refusal();
}
