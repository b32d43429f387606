// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.Outcome;
import io.varve.replication.AppendResult;
import io.varve.replication.RejectReason;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StatusMapperTest {
    @ParameterizedTest
    @EnumSource(RejectReason.class)
    void shouldKeepTheNameAndTellWhetherItMayHaveBeenApplied(RejectReason reason) {
        assertThat(ErrorReasons.name(StatusMapper.reason(reason))).isEqualTo(reason.name());
        Error rejected = StatusMapper.of(new AppendResult.Rejected(reason, "why"));
        assertThat(rejected.getOutcome()).isEqualTo(Outcome.OUTCOME_NOT_APPLIED);
        Error unknown = StatusMapper.of(new AppendResult.Indeterminate(reason, "why"));
        assertThat(unknown.getOutcome()).isEqualTo(Outcome.OUTCOME_INDETERMINATE);
        assertThat(unknown.getMessage()).isEqualTo("why");
    }
}
