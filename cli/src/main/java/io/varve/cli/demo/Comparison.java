// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.demo;

import io.varve.cli.Units;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What one observer found, against what was acknowledged. Immutable.
 *
 * @param records that it found
 * @param lost acknowledged and not found
 * @param duplicated found once more than they should
 * @param different found with other bytes, or elsewhere than where they were acknowledged
 * @param outOfOrder found behind one of the same partition that was sent later
 * @param strangers that nobody sent
 */
record Comparison(long records, long lost, long duplicated, long different, long outOfOrder, long strangers) {

    boolean isClean() {
        return lost == 0 && duplicated == 0 && different == 0 && outOfOrder == 0 && strangers == 0;
    }

    /** Everything that is wrong; "nothing lost, nothing duplicated" if nothing is. */
    String wrongs() {
        Map<String, Long> wrongs = new LinkedHashMap<>();
        wrongs.put("lost", lost);
        wrongs.put("duplicated", duplicated);
        wrongs.put("different", different);
        wrongs.put("out of order", outOfOrder);
        wrongs.put("never sent", strangers);
        return isClean()
                ? "nothing lost, nothing duplicated"
                : wrongs.entrySet().stream()
                        .filter(wrong -> wrong.getValue() > 0)
                        .map(wrong -> Units.grouped(wrong.getValue()) + " " + wrong.getKey())
                        .collect(Collectors.joining(", "));
    }
}
