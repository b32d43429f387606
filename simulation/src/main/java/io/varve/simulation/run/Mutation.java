// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.run;

import io.varve.metadata.machine.MachineRule;
import io.varve.metadata.machine.MachineRules;
import io.varve.replication.protocol.Rule;
import io.varve.replication.protocol.Rules;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** At most one rule switched off, by its name. <i>Immutable.</i> */
public record Mutation(@Nullable Rule replication, @Nullable MachineRule metadata) {
    /** All rules hold. */
    public static final Mutation NONE = new Mutation(null, null);

    /** The one of that name, whosever rule it is. */
    public static Mutation named(String name) {
        for (Rule rule : Rule.values()) {
            if (rule.name().equals(name)) {
                return new Mutation(rule, null);
            }
        }
        for (MachineRule rule : MachineRule.values()) {
            if (rule.name().equals(name)) {
                return new Mutation(null, rule);
            }
        }
        throw new IllegalArgumentException("no rule " + name + "; there are " + names());
    }

    public static List<String> names() {
        List<String> names = new ArrayList<>();
        for (Rule rule : Rule.values()) {
            names.add(rule.name());
        }
        for (MachineRule rule : MachineRule.values()) {
            names.add(rule.name());
        }
        return names;
    }

    public Rules rules() {
        return replication == null ? Rules.ALL : Rules.without(replication);
    }

    public MachineRules machineRules() {
        return metadata == null ? MachineRules.ALL : MachineRules.without(metadata);
    }

    public boolean isNone() {
        return replication == null && metadata == null;
    }

    @Override
    public String toString() {
        return replication != null ? replication.name() : metadata != null ? metadata.name() : "none";
    }
}
