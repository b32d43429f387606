// SPDX-License-Identifier: Apache-2.0
package io.varve.node.upkeep;

import io.varve.node.config.DiskConfig;
import io.varve.node.http.NodeHealth;
import io.varve.storage.StorageException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the data directory's disk is: free space compared with the watermarks, and whether a write or flush has failed. Below
 * the soft watermark producers are slowed down, the more the less is left; below the hard one nothing is appended, so that
 * checkpoints, deletes and the metadata log can go on in what is left. <i>Thread-safe.</i>
 *
 * <p>OK -> SOFT when free space falls below the soft watermark; any -> FULL when it falls below the hard one; FULL
 * ends when free space is an eighth above the hard one, so that it does not flutter. OFFLINE never ends.
 */
public final class DiskWatch {

    private static final Logger LOG = LoggerFactory.getLogger(DiskWatch.class);
    private static final String COMPONENT = "disk";
    /** What a producer is asked to wait between two answers when there is hardly more than the hard watermark left. */
    private static final int THROTTLE_MAX_MS = 1000;

    private final DiskConfig config;
    private final String subject;
    private final NodeHealth health;
    private final Consumer<Optional<String>> onFull;
    private volatile Look now; // volatile: written by the timer, read on every append and by metrics

    /** How full it is. */
    public enum State {
        OK,
        SOFT,
        FULL,
        OFFLINE
    }

    /**
     * One look at the disk.
     *
     * @param freeBytes -1 before the first look
     * @param message why it is not OK, in one sentence; empty when it is
     */
    public record Look(State state, long freeBytes, String message) {}

    /**
     * @param nodeId and {@code directory} are named in every sentence
     * @param onFull hears the sentence when appends stop, and nothing when they are taken again
     */
    public DiskWatch(
            DiskConfig config, int nodeId, Path directory, NodeHealth health, Consumer<Optional<String>> onFull) {
        this.config = config;
        this.subject = "node %d: the disk of %s".formatted(nodeId, directory);
        this.health = health;
        this.onFull = onFull;
        this.now = new Look(State.OK, -1, "");
    }

    /** Why appends must be refused with DISK_FULL; null when they are taken. */
    public @Nullable String refusal() {
        Look last = now;
        return last.state == State.FULL ? last.message : null;
    }

    /** How long a producer should wait before it sends more, in milliseconds; 0 above the soft watermark. */
    public int throttleMillis() {
        Look last = now;
        return switch (last.state) {
            case OK, OFFLINE -> 0;
            case FULL -> THROTTLE_MAX_MS;
            case SOFT -> {
                double band = config.softFreeBytes() - config.hardFreeBytes();
                double used = band <= 0 ? 1 : (config.softFreeBytes() - last.freeBytes) / band;
                yield (int) Math.ceil(THROTTLE_MAX_MS * Math.min(1, Math.max(0, used)));
            }
        };
    }

    public Look now() {
        return now;
    }

    public DiskConfig watermarks() {
        return config;
    }

    /** Takes a new measurement. */
    public synchronized void update(long measuredFreeBytes) {
        Look before = now;
        if (before.state == State.OFFLINE) {
            now = new Look(State.OFFLINE, measuredFreeBytes, before.message);
            return;
        }
        State next = next(before.state, measuredFreeBytes);
        String message = message(next, measuredFreeBytes);
        now = new Look(next, measuredFreeBytes, message);
        if (next != before.state) {
            changed(next, before.state, message);
        } else if (next != State.OK) {
            warn(next, message); // with the new number
        }
    }

    private void changed(State next, State before, String message) {
        switch (next) {
            case OK -> {
                health.clear(COMPONENT);
                LOG.info("{} has {} bytes free again", subject, now.freeBytes);
            }
            case SOFT -> {
                warn(next, message);
                LOG.warn(
                        "{}: producers are slowed down, below {} appends are refused", message, config.hardFreeBytes());
            }
            case FULL -> {
                warn(next, message);
                LOG.warn("{}: appends are refused until there is more", message);
            }
            case OFFLINE -> throw new IllegalStateException("free space takes no directory offline");
        }
        if (next == State.FULL) {
            onFull.accept(Optional.of(message));
        } else if (before == State.FULL) {
            onFull.accept(Optional.empty());
        }
    }

    /** A write or a flush failed: only a new start finds out what the disk holds (P36). */
    public synchronized void failed(StorageException cause) {
        String message = "%s failed and is not used any more: %s".formatted(subject, cause.getMessage());
        now = new Look(State.OFFLINE, now.freeBytes, message);
        health.clear(COMPONENT);
        health.reportFatal(COMPONENT, "KAFKA_STORAGE_ERROR", message);
        LOG.error("{}; its leaders move, see to the disk and start the node again", message);
    }

    private void warn(State state, String message) {
        health.warn(COMPONENT, state == State.FULL ? "DISK_FULL" : "DISK_NEARLY_FULL", message);
    }

    private String message(State state, long free) {
        return switch (state) {
            case OK, OFFLINE -> "";
            case SOFT ->
                "%s has %d bytes free, less than disk.watermark.soft.bytes (%d)"
                        .formatted(subject, free, config.softFreeBytes());
            case FULL ->
                "%s has %d bytes free, less than disk.watermark.hard.bytes (%d)"
                        .formatted(subject, free, config.hardFreeBytes());
        };
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
