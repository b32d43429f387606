// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import io.varve.metadata.image.SnapshotCodec;
import io.varve.metadata.ratis.RaftStartException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.ratis.util.MD5FileUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the Raft log before Ratis does. Ratis is told to cut a log at the first entry that it cannot read, because a
 * crash may tear the last ones; but it would cut committed entries the same way, and start as if nothing were missing.
 * So this allows only damage that a crash can leave: at the end of the open segment, with no sign that anything from
 * there on was ever committed.
 */
final class LogTailCheck {

    private static final Logger LOG = LoggerFactory.getLogger(LogTailCheck.class);
    private static final Pattern CLOSED = Pattern.compile("log_(\\d+)-(\\d+)");
    private static final Pattern OPEN = Pattern.compile("log_inprogress_(\\d+)");
    private static final Pattern SNAPSHOT = Pattern.compile("snapshot\\.(\\d+)_(\\d+)");
    private static final long NONE = -1;

    private final RaftDirectory directory;
    private final int maxEntryLength;

    LogTailCheck(RaftDirectory directory, int maxEntryLength) {
        this.directory = directory;
        this.maxEntryLength = maxEntryLength;
    }

    private record Segment(Path file, long first, long last, boolean open) {}

    /** @throws RaftStartException if this log must not be used */
    void run() throws IOException {
        var bad = new ArrayList<Path>();
        long snapshotIndex = newestSnapshot(bad);
        var segments = segments();
        if (segments.isEmpty() && snapshotIndex == NONE && !directory.firstStart()) {
            throw damaged(directory.current() + " holds no log, and there is no good snapshot");
        }
        long next = NONE;
        for (int i = 0; i < segments.size(); i++) {
            var segment = segments.get(i);
            if (next != NONE && segment.first() != next) {
                throw damaged(segment.file() + ": entries " + next + " to " + (segment.first() - 1) + " are missing");
            }
            if (next == NONE && segment.first() > snapshotIndex + 1) {
                throw damaged("the log begins at entry " + segment.first() + ", the newest good snapshot ends at "
                        + snapshotIndex);
            }
            next = check(segment, i == segments.size() - 1);
        }
        long end = Math.max(next, snapshotIndex + 1);
        for (var file : bad) {
            if (indexOf(file) >= end && Files.exists(md5(file))) {
                throw damaged(file + " is damaged, and neither the log nor another snapshot has what it had");
            }
        }
        for (var file : bad) {
            Files.move(file, file.resolveSibling(file.getFileName() + ".corrupt"));
        }
    }

    private long check(Segment segment, boolean last) throws IOException {
        var scan = new SegmentScan(segment.file(), segment.first(), maxEntryLength);
        if (scan.damage().isEmpty() && (segment.open() || scan.nextIndex() == segment.last() + 1)) {
            return scan.nextIndex();
        }
        var what = segment.file() + ": "
                + (scan.damage().isEmpty() ? "entries from " + scan.nextIndex() + " are missing" : scan.damage());
        if (!segment.open() || !last) {
            throw damaged(what + ", in a part of the log that was complete");
        }
        var committed = scan.committedBehindDamage();
        if (committed.isPresent() && committed.getAsLong() >= scan.nextIndex()) {
            throw damaged(what + ", but entries up to " + committed.getAsLong() + " were committed");
        }
        if (scan.position() == 0 && segment.first() == 0 && !directory.firstStart()) {
            throw damaged(what);
        }
        LOG.warn(
                "{}: cutting the torn end of the log at entry {}; nothing from there on was committed",
                what,
                scan.nextIndex());
        return scan.nextIndex();
    }

    /** The index of the newest good snapshot; the bad ones are to be put aside, so that it is used. */
    private long newestSnapshot(List<Path> bad) throws IOException {
        long newest = NONE;
        if (!Files.isDirectory(directory.snapshots())) {
            return newest;
        }
        try (var entries = Files.list(directory.snapshots())) {
            for (var file : entries.filter(f -> indexOf(f) != NONE).toList()) {
                if (isGood(file)) {
                    newest = Math.max(newest, indexOf(file));
                } else {
                    bad.add(file);
                }
            }
        }
        return newest;
    }

    private static long indexOf(Path snapshot) {
        var matcher = SNAPSHOT.matcher(snapshot.getFileName().toString());
        return matcher.matches() ? Long.parseLong(matcher.group(2)) : NONE;
    }

    private static Path md5(Path snapshot) {
        return snapshot.resolveSibling(snapshot.getFileName() + MD5FileUtil.MD5_SUFFIX);
    }

    private static boolean isGood(Path snapshot) {
        try {
            if (!Files.exists(md5(snapshot))) {
                LOG.warn("{} has no checksum file: it was not finished, and is put aside", snapshot);
                return false;
            }
            MD5FileUtil.verifySavedMD5(snapshot.toFile(), MD5FileUtil.computeMd5ForFile(snapshot.toFile()));
            // The checksum says that the bytes are those written; this, that this software understands them.
            SnapshotCodec.decode(Files.readAllBytes(snapshot));
            return true;
        } catch (IOException e) {
            LOG.warn("{} is damaged, and is put aside: {}", snapshot, e.getMessage());
            return false;
        }
    }

    private List<Segment> segments() throws IOException {
        var segments = new ArrayList<Segment>();
        try (var entries = Files.list(directory.current())) {
            for (var file : entries.toList()) {
                var name = file.getFileName().toString();
                var closed = CLOSED.matcher(name);
                var open = OPEN.matcher(name);
                if (closed.matches()) {
                    segments.add(
                            new Segment(file, Long.parseLong(closed.group(1)), Long.parseLong(closed.group(2)), false));
                } else if (open.matches()) {
                    segments.add(new Segment(file, Long.parseLong(open.group(1)), NONE, true));
                }
            }
        }
        segments.sort(Comparator.comparingLong(Segment::first));
        return segments;
    }

    private static RaftStartException damaged(String what) {
        return new RaftStartException(
                Kind.DAMAGED,
                "the Raft log is damaged: " + what,
                "restore the directory, or format a new one and let this node join again");
    }
}
