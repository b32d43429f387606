// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.protocol;

import java.util.EnumSet;
import java.util.Set;

/** Which rules a replica keeps: in a node, all. *Immutable.* */
public final class Rules {
    /** What every node runs with. */
    public static final Rules ALL = new Rules(EnumSet.noneOf(Rule.class));

    private final Set<Rule> broken;

    private Rules(Set<Rule> broken) {
        this.broken = broken;
    }

    /** All but one, for a simulation that must notice. */
    public static Rules without(Rule rule) {
        return new Rules(EnumSet.of(rule));
    }

    /** Whether this rule holds. */
    public boolean keep(Rule rule) {
        return !broken.contains(rule);
    }
}
