// SPDX-License-Identifier: Apache-2.0
package io.varve.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UuidsTest {
    @Test
    void shouldPrintAndReadAsKafkaDoes() {
        for (int i = 0; i < 1_000; i++) {
            UUID id = Uuids.random();
            Uuid kafka = new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());

            assertThat(Uuids.toText(id)).isEqualTo(kafka.toString()).doesNotStartWith("-");
            assertThat(Uuids.fromText(kafka.toString())).isEqualTo(id);
            assertThat(Uuids.fromBytes(Uuids.toBytes(id))).isEqualTo(id);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "short", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAA+A", "AAAAAAAAAAAAAAAAAAAAAB"})
    void shouldRefuseTextThatIsNoId(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Uuids.fromText(text))
                .withMessageContaining("'" + text + "'");
    }

    @Test
    void shouldRefuseBytesThatAreNoId() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Uuids.fromBytes(ByteString.copyFromUtf8("five!")))
                .withMessageContaining("5");
    }
}
