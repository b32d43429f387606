// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.client.ConsumerRecord;
import io.varve.client.Header;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordFormatTest {
    private static final ReadRecord RECORD = read("order-1".getBytes(UTF_8), "{\"id\":1}".getBytes(UTF_8));

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = true, textBlock = """
            %v                      | {"id":1}
            %t/%p:%o                | orders/1:401110
            %k=%v                   | order-1={"id":1}
            %e %i                   | 7 5
            %d                      | 1795166045113
            %d{seconds}             | 1795166045
            %d{rfc3339}             | 2026-11-20T09:14:05.113Z
            %T,%K,%V,%H             | 6,7,8,2
            %[ %]                   | 100 500000
            %v{hex}                 | 7b226964223a317d
            %k{base64}              | b3JkZXItMQ==
            %h{%k=%v,}              | source=cli,raw=x,
            %h{<%K:%v{hex}>}        | <6:636c69><3:78>
            100%% \\x41\\\\n        | 100% A\\n
            """)
    void shouldWriteFields(String format, String expected) throws IOException {
        assertThat(write(format, RECORD)).isEqualTo(expected);
    }

    @Test
    void shouldWriteTheLastStableOffset() throws IOException {
        assertThat(write("%|", RECORD)).isEqualTo("500000");
    }

    @Test
    void shouldWriteControlCharacters() throws IOException {
        assertThat(write("%k\\t%v\\r\\n\\0", RECORD)).isEqualTo("order-1\t{\"id\":1}\r\n\0");
    }

    @Test
    void shouldWriteNothingForNullAndLengthMinusOne() throws IOException {
        assertThat(write("[%k][%v] %K %V", read(null, null))).isEqualTo("[][] -1 -1");
    }

    @Test
    void shouldPassBytesThroughUnchanged() throws IOException {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }

        assertThat(write("%v", read(null, all))).isEqualTo(new String(all, ISO_8859_1));
    }

    @Test
    void shouldWriteTextOfTheFormatAsUtf8() throws IOException {
        assertThat(write("\u20ac\ud83d\ude00", RECORD))
                .isEqualTo(new String("\u20ac\ud83d\ude00".getBytes(UTF_8), ISO_8859_1));
    }

    @Test
    void shouldAlwaysShowMilliseconds() {
        assertThat(RecordFormat.rfc3339(0)).isEqualTo("1970-01-01T00:00:00.000Z");
        assertThat(RecordFormat.rfc3339(60_000)).isEqualTo("1970-01-01T00:01:00.000Z");
        assertThat(RecordFormat.rfc3339(1_010)).isEqualTo("1970-01-01T00:00:01.010Z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"%q", "%", "%o{hex}", "%v{rot13}", "%d{stardate}", "%h{%o}", "%h{%h}", "%v{hex", "\\"})
    void shouldRefuseFormatsThatMeanNothing(String format) {
        assertThatThrownBy(() -> RecordFormat.parse(format))
                .isInstanceOf(InvalidFormatException.class)
                .hasMessageContaining(format.substring(0, 1));
    }

    static ReadRecord read(byte @Nullable [] key, byte @Nullable [] value) {
        List<Header> headers = List.of(Header.of("source", "cli"), Header.of("raw", "x"));
        return new ReadRecord(
                new ConsumerRecord<>("orders", 1, 401_110, 1_795_166_045_113L, 7, key, value, headers),
                new ReadRecord.Log(100, 500_000),
                5);
    }

    private static String write(String format, ReadRecord from) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        RecordFormat.parse(format).write(from, out);
        return out.toString(ISO_8859_1);
    }
}
