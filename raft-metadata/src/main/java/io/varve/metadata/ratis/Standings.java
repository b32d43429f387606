// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import io.varve.proto.Uuids;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Which disk each of the other voters has had since the quorum was formed, as far as this one was told. Kept in the
 * Raft directory, durable before anybody hears the answer. *Thread-safe.*
 *
 * <p>Why: a voter that comes back on an empty disk under its old name has forgotten its votes and what it acknowledged,
 * and can help to elect a leader that lacks committed entries . It cannot know that it forgot; the others can.
 * Before its first start ever a voter has its disk noted by {@link #needed} of the others. Any two such sets have a
 * voter in common, and for five voters two, so whoever wipes a disk, formats it again and asks once more meets somebody
 * who has noted the old one, and is refused: also while the voter with everything is down, and also if one of those who
 * noted it (of five; of three, none of the other two can be missed) lost its disk as well. More lost disks than that are
 * more than the quorum itself outlives.
 *
 * <p>"Has the quorum ever existed?" would be the simpler question, but it refuses a voter that is merely the last to be
 * started, and a majority that says "never" proves nothing: of three, the two that formed the quorum may be the asker,
 * which forgot, and one that is down.
 */
final class Standings {

    static final String NAME = "standings";

    private final Path directory;
    private final Map<String, String> disks; // guarded by this

    private Standings(Path directory, Map<String, String> disks) {
        this.directory = directory;
        this.disks = disks;
    }

    static Standings open(Path directory) throws IOException {
        return new Standings(directory, CheckedFile.read(directory, NAME).orElseGet(TreeMap::new));
    }

    /** How many of the other voters must have noted a disk: all but one fewer than may fail. */
    static int needed(int voters) {
        int mayFail = (voters - 1) / 2;
        return voters - 1 - (mayFail == 0 ? 0 : mayFail - 1);
    }

    /** Notes the disk if none was noted for this voter; says whether the one noted is this one. */
    synchronized boolean note(VoterId voter, UUID diskId) throws IOException {
        var key = voter.toString();
        var known = Optional.ofNullable(disks.get(key));
        if (known.isPresent()) {
            return known.get().equals(Uuids.toText(diskId));
        }
        var next = new TreeMap<>(disks);
        next.put(key, Uuids.toText(diskId));
        CheckedFile.write(directory, NAME, next);
        disks.put(key, Uuids.toText(diskId));
        return true;
    }
}
