// SPDX-License-Identifier: Apache-2.0
package io.varve.proto;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ErrorReasonsTest {
    static Stream<ErrorReason> reasons() {
        return Arrays.stream(ErrorReason.values()).filter(reason -> reason != ErrorReason.UNRECOGNIZED);
    }

    @ParameterizedTest
    @MethodSource("reasons")
    void shouldHaveKafkasCodeWhereKafkaHasTheName(ErrorReason reason) {
        List<Errors> named = Arrays.stream(Errors.values())
                .filter(error -> error.name().equals(ErrorReasons.name(reason)))
                .toList();
        int code = ErrorReasons.of(reason).getKafkaCode();

        if (named.isEmpty()) {
            assertThat(code).as("Kafka has no %s", reason).isEqualTo(Errors.UNKNOWN_SERVER_ERROR.code());
        } else {
            assertThat(code).isEqualTo(named.get(0).code());
        }
    }

    @ParameterizedTest
    @MethodSource("reasons")
    void shouldEndACallWithAStatusThatIsAFailure(ErrorReason reason) {
        assertThat(ErrorReasons.grpcCode(reason)).isNotEqualTo(Status.Code.OK);
        assertThat(ErrorReasons.of(reason).getGrpcCode()).isBetween(1, 16);
    }

    @Test
    void shouldCarryAnErrorThroughTheStatusOfACall() {
        Error error = ErrorReasons.error(
                ErrorReason.ERROR_REASON_DISK_FULL,
                "node 1 has 900 MiB free, appends need 1 GiB",
                "free space or add a node",
                Outcome.OUTCOME_NOT_APPLIED,
                Map.of("broker", "1"));

        StatusRuntimeException status = ErrorReasons.toStatus(error);

        assertThat(status.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(status.getStatus().getDescription())
                .isEqualTo("DISK_FULL: node 1 has 900 MiB free, appends need 1 GiB (free space or add a node)");
        assertThat(ErrorReasons.fromThrowable(new IllegalStateException(status)))
                .hasValue(error);
        assertThat(error.getRetriable()).isTrue();
    }

    @Test
    void shouldFindNothingInAStrangersFailure() {
        Metadata trailers = new Metadata();
        trailers.put(
                Metadata.Key.of("varve-error-bin", Metadata.BINARY_BYTE_MARSHALLER),
                "no message".getBytes(StandardCharsets.UTF_8));

        assertThat(ErrorReasons.fromThrowable(new IllegalStateException())).isEmpty();
        assertThat(ErrorReasons.fromThrowable(Status.INTERNAL.asRuntimeException(trailers)))
                .isEmpty();
    }

    @Test
    void shouldNameAReasonThatThisBuildDoesNotKnow() {
        assertThat(ErrorReasons.name(ErrorReason.UNRECOGNIZED)).isEqualTo("UNRECOGNIZED");
        assertThat(ErrorReasons.grpcCode(ErrorReason.UNRECOGNIZED)).isEqualTo(Status.Code.UNKNOWN);
    }
}
