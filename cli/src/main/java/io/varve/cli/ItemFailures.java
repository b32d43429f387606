// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import io.varve.client.VarveException;
import io.varve.proto.v1.Error;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Of several things that one command was asked to do, those that failed. Confined to one thread. */
public final class ItemFailures {
    private final List<CommandFailure> failures = new ArrayList<>();
    private int items;

    /** Notes the outcome of one thing; true if it succeeded. */
    public boolean note(Optional<VarveException> error) {
        items++;
        error.ifPresent(failure -> failures.add(Failures.of(failure)));
        return error.isEmpty();
    }

    /** Notes the outcome of one thing, as the API tells it; true if it succeeded. */
    public boolean note(boolean failed, Error error) {
        items++;
        if (failed) {
            failures.add(Failures.of(error));
        }
        return !failed;
    }

    public boolean isEmpty() {
        return failures.isEmpty();
    }

    /**
     * Ends the command. One failure of one thing is thrown like any other; several are printed here, unless the answer
     * that was printed as JSON holds them already.
     */
    public int finish(boolean json, Console console) {
        if (failures.isEmpty()) {
            return ExitStatus.OK.code();
        }
        if (items == 1) {
            throw failures.get(0);
        }
        if (!json) {
            failures.forEach(failure -> Failures.print(failure, false, console));
        }
        return failures.size() < items
                ? ExitStatus.PARTIAL.code()
                : failures.get(0).status().code();
    }
}
