// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.client.ErrorCode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExitStatusTest {
    @ParameterizedTest
    @CsvSource({
        "INVALID_ARGUMENT, 2",
        "OUT_OF_RANGE, 2",
        "NOT_FOUND, 3",
        "ALREADY_EXISTS, 4",
        "FAILED_PRECONDITION, 4",
        "ABORTED, 4",
        "PERMISSION_DENIED, 5",
        "UNAUTHENTICATED, 5",
        "UNAVAILABLE, 6",
        "DEADLINE_EXCEEDED, 6",
        "RESOURCE_EXHAUSTED, 6",
        "UNKNOWN, 1",
        "INTERNAL, 1",
        "DATA_LOSS, 1",
        "CANCELLED, 1",
        "UNIMPLEMENTED, 1"
    })
    void shouldGiveEveryKindOfFailureItsExitCode(ErrorCode code, int exitCode) {
        assertThat(ExitStatus.of(code).code()).isEqualTo(exitCode);
    }
}
