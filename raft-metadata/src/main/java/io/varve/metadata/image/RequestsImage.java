// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

import java.util.Optional;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * Answers to commands that must not be executed twice. *Immutable.*
 *
 * <p>Invariants: {@code byIndex} and {@code answers} hold the same answers; {@code |byIndex| ≤ LIMIT}, the oldest go
 * first. A retry that comes later than {@value #LIMIT} such commands is executed again, and then fails on its
 * preconditions (the name is taken) or wastes a block of ids.
 */
public record RequestsImage(PSortedMap<Long, RequestId> byIndex, PSortedMap<RequestId, CommandResult> answers) {

    static final int LIMIT = 512;

    public static final RequestsImage EMPTY = new RequestsImage(TreePMap.empty(), TreePMap.empty());

    public Optional<CommandResult> answer(RequestId id) {
        return Optional.ofNullable(answers.get(id));
    }

    RequestsImage plus(long index, RequestId id, CommandResult answer) {
        var nextByIndex = byIndex.plus(index, id);
        var nextAnswers = answers.plus(id, answer);
        while (nextByIndex.size() > LIMIT) {
            var oldest = nextByIndex.firstKey();
            nextAnswers = nextAnswers.minus(nextByIndex.get(oldest));
            nextByIndex = nextByIndex.minus(oldest);
        }
        return new RequestsImage(nextByIndex, nextAnswers);
    }
}
