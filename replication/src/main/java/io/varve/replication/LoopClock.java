// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

/** Where the loops get their time from. */
public interface LoopClock {
    /** The clocks of the machine. */
    LoopClock SYSTEM = new LoopClock() {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public long currentTimeMillis() {
            return System.currentTimeMillis();
        }
    };

    /** For deadlines; only differences mean anything. */
    long nanoTime();

    /** For timestamps of records, since 1970. */
    long currentTimeMillis();
}
