// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.stream;

import java.util.List;

/** Which voter is tried next, and when. *Confined to the follower's loop.* */
final class VoterRound {

    private final FollowerSettings settings;
    private List<Integer> voters;
    private int position;
    private int failures; // since the last progress

    VoterRound(List<Integer> voters, FollowerSettings settings) {
        this.settings = settings;
        this.voters = checked(voters);
    }

    private static List<Integer> checked(List<Integer> voters) {
        if (voters.isEmpty()) {
            throw new IllegalArgumentException("there is no voter to follow");
        }
        return List.copyOf(voters);
    }

    int voter() {
        return voters.get(position);
    }

    int size() {
        return voters.size();
    }

    /** Another set or order; whether the present voter is still in it. */
    boolean replace(List<Integer> next) {
        int now = voter();
        voters = checked(next);
        position = Math.max(0, voters.indexOf(now));
        return voters.contains(now);
    }

    void progress() {
        failures = 0;
    }

    /** The present voter is of no use. Returns how long to wait before the next one is tried. */
    long nextAfterNanos() {
        position = (position + 1) % voters.size();
        failures++;
        if (failures % voters.size() != 0) {
            return 0;
        }
        int rounds = Math.min(failures / voters.size(), 16);
        return Math.min(
                settings.backoff().toNanos() << (rounds - 1),
                settings.maxBackoff().toNanos());
    }
}
