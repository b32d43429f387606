// SPDX-License-Identifier: Apache-2.0
package io.varve.node.upkeep;

import io.varve.node.config.DiskConfig;
import io.varve.node.http.NodeHealth;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares free space with the watermarks. Below the hard one appends are refused, so that checkpoints, deletes and the
 * metadata log can go on in what is left. <i>Thread-safe.</i>
 *
 * <p>OK -> SOFT when free space falls below the soft watermark; any -> FULL when it falls below the hard one; FULL
 * ends when free space is an eighth above the hard one, so that it does not flutter.
 */
public final class DiskWatch {

    private static final Logger LOG = LoggerFactory.getLogger(DiskWatch.class);
    private static final String COMPONENT = "disk";

    private final DiskConfig config;
    private final NodeHealth health;
    private volatile State state = State.OK; // volatile: written by the timer, read on every append
    private volatile long freeBytes = Long.MAX_VALUE; // volatile: written by the timer, read by metrics

    /** How full it is. */
    public enum State {
        OK,
        SOFT,
        FULL
    }

    public DiskWatch(DiskConfig config, NodeHealth health) {
        this.config = config;
        this.health = health;
    }

    /** Whether appends must be refused with DISK_FULL. */
    public boolean isFull() {
        return state == State.FULL;
    }

    public State state() {
        return state;
    }

    public long freeBytes() {
        return freeBytes;
    }

    /** What to tell whoever is refused. */
    public String sentence() {
        return "the disk has %d bytes free, less than disk.watermark.hard.bytes (%d)"
                .formatted(freeBytes, config.hardFreeBytes());
    }

    /** Takes a new measurement. */
    public void update(long measuredFreeBytes) {
        freeBytes = measuredFreeBytes;
        State before = state;
        State now = next(before, measuredFreeBytes);
        state = now;
        if (now == before) {
            return;
        }
        switch (now) {
            case OK -> {
                health.clear(COMPONENT);
                LOG.info("the disk has {} bytes free again", measuredFreeBytes);
            }
            case SOFT -> {
                String message = "the disk has %d bytes free, less than disk.watermark.soft.bytes (%d)"
                        .formatted(measuredFreeBytes, config.softFreeBytes());
                health.warn(COMPONENT, "DISK_NEARLY_FULL", message);
                LOG.warn("{}; below {} appends are refused", message, config.hardFreeBytes());
            }
            case FULL -> {
                health.warn(COMPONENT, "DISK_FULL", sentence());
                LOG.warn("{}: appends are refused until there is more", sentence());
            }
        }
    }

    private State next(State before, long free) {
        long hard = config.hardFreeBytes();
        long enough = before == State.FULL ? hard + hard / 8 : hard;
        if (free < enough) {
            return State.FULL;
        }
        return free < config.softFreeBytes() ? State.SOFT : State.OK;
    }
}
