// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.testkit;

import io.varve.storage.testkit.SimFs.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Which operations of a simulated file system fail, and which one its process dies in.
 *
 * <p><i>confined to the {@code SimFs} lock</i>
 */
final class SimFaults {
    private static final String EIO = "Input/output error";

    /** Operations of each kind until one fails, that one included; 0: none is to. */
    private final int[] untilFault = new int[Operation.values().length];

    private final int[] oneIn = new int[Operation.values().length];
    private boolean any;
    private String message = EIO;
    private @Nullable Error error;
    private int untilDeath;

    void failAfter(Operation operation, int count) {
        untilFault[operation.ordinal()] = count;
        any = true;
    }

    void failOneIn(Operation operation, int operations) {
        oneIn[operation.ordinal()] = operations;
        any = true;
    }

    void failWith(String newMessage) {
        message = newMessage;
    }

    void failWithError(Error newError) {
        error = newError;
    }

    void dieAfter(int operations) {
        untilDeath = operations;
    }

    boolean deathPlanned() {
        return untilDeath > 0;
    }

    /** Counts an operation that changes something; true if the process dies in it. */
    boolean dying() {
        return untilDeath > 0 && --untilDeath == 0;
    }

    /** A process ended: what was meant for a moment of its life is off, what is wrong with the disk stays. */
    void processEnded() {
        java.util.Arrays.fill(untilFault, 0);
        untilDeath = 0;
    }

    void clear() {
        processEnded();
        java.util.Arrays.fill(oneIn, 0);
        any = false;
        error = null;
        message = EIO;
    }

    void check(Operation operation, Path path, SplittableRandom random) throws IOException {
        if (!any) {
            return;
        }
        int kind = operation.ordinal();
        boolean now = untilFault[kind] > 0 && --untilFault[kind] == 0;
        if (!now && (oneIn[kind] == 0 || random.nextInt(oneIn[kind]) != 0)) {
            return;
        }
        Error thrown = error;
        error = null;
        if (thrown != null) {
            throw thrown;
        }
        throw new IOException(path + ": " + message);
    }
}
