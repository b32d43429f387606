// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import java.util.EnumSet;
import java.util.Set;

/** Which rules a metadata machine keeps: in a voter, all. *Immutable.* */
public final class MachineRules {
    /** What every voter runs with. */
    public static final MachineRules ALL = new MachineRules(EnumSet.noneOf(MachineRule.class));

    private final Set<MachineRule> broken;

    private MachineRules(Set<MachineRule> broken) {
        this.broken = broken;
    }

    /** All but one, for a simulation that must notice. */
    public static MachineRules without(MachineRule rule) {
        return new MachineRules(EnumSet.of(rule));
    }

    /** Whether this rule holds. */
    public boolean keep(MachineRule rule) {
        return !broken.contains(rule);
    }
}
