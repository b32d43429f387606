// SPDX-License-Identifier: Apache-2.0
package io.varve.node.http;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Why the node is not ready, or not healthy, by component. Ready means that nothing is wrong: the public listeners take
 * requests. Alive means that a restart would not help. <i>Thread-safe.</i>
 */
public final class NodeHealth {

    private final Map<String, Problem> problems = new ConcurrentSkipListMap<>();
    private final Map<String, Problem> fatal = new ConcurrentSkipListMap<>();
    private final Map<String, Problem> warnings = new ConcurrentSkipListMap<>();

    /**
     * One thing that is wrong.
     *
     * @param reason a constant, for programs: STARTING, DISK_FULL, ...
     * @param message a sentence, for people
     */
    public record Problem(String component, String reason, String message) {}

    /** Replaces what was known about the component. */
    public void report(String component, String reason, String message) {
        problems.put(component, new Problem(component, reason, message));
    }

    /** Something is wrong that does not keep the node from its work. Replaces what was known about the component. */
    public void warn(String component, String reason, String message) {
        warnings.put(component, new Problem(component, reason, message));
    }

    /** The component is well. */
    public void clear(String component) {
        problems.remove(component);
        warnings.remove(component);
    }

    /** What is wrong and does not keep the node from its work. */
    public List<Problem> warnings() {
        return List.copyOf(warnings.values());
    }

    /** Only a restart can help. Never cleared. */
    public void reportFatal(String component, String reason, String message) {
        fatal.putIfAbsent(component, new Problem(component, reason, message));
    }

    public boolean isAlive() {
        return fatal.isEmpty();
    }

    public boolean isReady() {
        return isAlive() && problems.isEmpty();
    }

    /** Everything that keeps the node from its work, what is fatal first. */
    public List<Problem> problems() {
        return java.util.stream.Stream.concat(fatal.values().stream(), problems.values().stream())
                .toList();
    }
}
