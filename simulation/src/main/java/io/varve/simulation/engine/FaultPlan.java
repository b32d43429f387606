// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All faults of one run, known before it begins: it can be written down, read again, and made smaller. Everything else that chance decides comes from the
 * seed. <i>Immutable.</i>
 *
 * @param faults by time
 */
public record FaultPlan(long seed, Shape shape, List<Fault> faults) {
    public FaultPlan {
        faults =
                faults.stream().sorted(Comparator.comparingLong(Fault::atNanos)).toList();
    }

    public FaultPlan with(List<Fault> others) {
        return new FaultPlan(seed, shape, others);
    }

    public FaultPlan with(Shape other) {
        return new FaultPlan(seed, other, faults);
    }

    /** Without the faults of one class. */
    public FaultPlan without(FaultClass what) {
        return with(faults.stream().filter(fault -> fault.what() != what).toList());
    }

    public Set<FaultClass> classes() {
        return faults.stream()
                .map(Fault::what)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(FaultClass.class)));
    }

    /** One line for seed and shape, then one for each fault. Lines that begin with # are not read. */
    public String toText() {
        StringBuilder text = new StringBuilder();
        text.append("seed=").append(seed).append(' ').append(shape).append('\n');
        faults.forEach(fault -> text.append(fault).append('\n'));
        return text.toString();
    }

    public static FaultPlan parse(String text) {
        List<String> lines = text.lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
        if (lines.isEmpty() || !lines.get(0).startsWith("seed=")) {
            throw new IllegalArgumentException("a plan begins with seed=N and the shape");
        }
        String[] head = lines.get(0).split(" ", 2);
        List<Fault> faults = new ArrayList<>();
        lines.subList(1, lines.size()).forEach(line -> faults.add(Fault.parse(line)));
        return new FaultPlan(Long.parseLong(head[0].substring("seed=".length())), Shape.parse(head[1]), faults);
    }
}
