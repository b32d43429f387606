// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import io.varve.client.Acks;
import picocli.CommandLine.ITypeConverter;

/** Reads {@code --acks} as Kafka spells it. Stateless. */
public final class AcksOption implements ITypeConverter<Acks> {
    @Override
    public Acks convert(String value) {
        try {
            return Acks.parse(value);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(
                    ExitStatus.USAGE,
                    "INVALID_REQUIRED_ACKS",
                    "--acks must be 0, 1 or all, not '" + value + "'",
                    "all (the default) loses nothing, 1 asks the leader only, 0 asks nobody");
        }
    }
}
