// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class JsonPrinterTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void shouldPrintOneObjectPerLine() throws IOException {
        JsonPrinter printer = JsonPrinter.lines(out);
        printer.print(RecordFormatTest.read("k".getBytes(UTF_8), "a\nb\u20ac".getBytes(UTF_8)));
        printer.print(RecordFormatTest.read(null, null));
        printer.end();

        String[] lines = out.toString(UTF_8).split("\n", -1);
        assertThat(lines).hasSize(3).endsWith("");
        assertThat(lines[0])
                .isEqualTo("{\"topic\":\"orders\",\"partition\":1,\"offset\":\"401110\",\"leaderEpoch\":7,"
                        + "\"timestamp\":\"2026-11-20T09:14:05.113Z\",\"key\":\"k\","
                        + "\"headers\":[{\"key\":\"source\",\"value\":\"cli\"},{\"key\":\"raw\",\"value\":\"x\"}],"
                        + "\"value\":\"a\\nb\u20ac\"}");
        assertThat(lines[1]).contains("\"key\":null", "\"value\":null");
    }

    @Test
    void shouldPrintWhatIsNoTextAsBase64() throws IOException {
        JsonPrinter printer = JsonPrinter.lines(out);
        printer.print(RecordFormatTest.read(new byte[] {(byte) 0xff}, new byte[] {(byte) 0xc3, 0x28}));

        JsonNode read = new ObjectMapper().readTree(out.toByteArray());
        assertThat(read.get("keyBase64").binaryValue()).containsExactly(0xff);
        assertThat(read.get("valueBase64").binaryValue()).containsExactly(0xc3, 0x28);
        assertThat(read.has("value")).isFalse();
    }

    @Test
    void shouldPrintAnArrayAlsoWhenThereIsNothing() throws IOException {
        JsonPrinter.array(out).end();

        assertThat(new ObjectMapper().readTree(out.toByteArray())).isEmpty();
    }

    @Test
    void shouldPrintAnArrayOfAllRecords() throws IOException {
        JsonPrinter printer = JsonPrinter.array(out);
        for (int i = 0; i < 3; i++) {
            printer.print(RecordFormatTest.read(null, ("v" + i).getBytes(UTF_8)));
        }
        printer.end();

        JsonNode array = new ObjectMapper().readTree(out.toByteArray());
        assertThat(array).hasSize(3);
        assertThat(array.get(2).get("value").asText()).isEqualTo("v2");
    }
}
