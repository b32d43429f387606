// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InputFormatTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''           | ''
            a\\n         | [a]
            a            | [a]
            a\\nb        | [a][b]
            a\\r\\nb\\r\\n | [a\\r][b\\r]
            a\\r\\nb     | [a\\r][b]
            \\n          | []
            a\\n\\nb\\n  | [a][][b]
            """)
    void shouldMakeARecordOfEachLine(String input, String records) throws IOException {
        assertThat(lines(unescape(input))).isEqualTo(unescape(records));
    }

    @Test
    void shouldKeepEveryByteOfALine() throws IOException {
        byte[] bytes = new byte[100_000];
        new Random(42).nextBytes(bytes);
        ByteArrayOutputStream again = new ByteArrayOutputStream();

        RecordSource source = InputFormat.LINES.read(new Dribble(bytes));
        for (RecordSource.InputRecord next = source.next(); next != null; next = source.next()) {
            again.writeBytes(value(next));
            again.write('\n');
        }

        byte[] expected = bytes[bytes.length - 1] == '\n' ? bytes : java.util.Arrays.copyOf(bytes, bytes.length + 1);
        expected[expected.length - 1] = '\n';
        assertThat(again.toByteArray()).isEqualTo(expected);
    }

    @Test
    void shouldReadALineThatIsLongerThanTheBuffer() throws IOException {
        String line = "x".repeat(1 << 20);

        assertThat(lines(line + "\ny")).isEqualTo("[" + line + "][y]");
    }

    @Test
    void shouldCutKeyAndValueAtDelimitersOfSeveralBytes() throws IOException {
        assertThat(read("%k=>%v\\r\\n", "a=>1\r\nb=>=2=>\r\nc=>")).isEqualTo("[a:1][b:=2=>][c:]");
    }

    @Test
    void shouldReadPartitionAndTimestamp() throws IOException {
        RecordSource source = stream("%p %d %v\\n", "3 1700000000000 hello\n");

        RecordSource.InputRecord read = java.util.Objects.requireNonNull(source.next());

        assertThat(read.partition()).isEqualTo(3);
        assertThat(read.timestampMillis()).isEqualTo(1_700_000_000_000L);
        assertThat(source.next()).isNull();
    }

    @Test
    void shouldReadBytesByTheirLength() throws IOException {
        assertThat(read("%K,%V,%k%v", "1,3,k\n\r\n2,0,kk")).isEqualTo("[k:\n\r\n][kk:]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            %k\\t%v\\n  | a\\tb\\nc\\nd\\te\\n | record 2   | ends before the delimiter behind %k
            %k\\t%v\\n  | a                  | record 1   | ends before the delimiter behind %k
            %V,%v       | x,abc              | record 1   | 'x' is not a number for %V
            %V,%v       | 5,abc              | record 1   | ends within the 5 bytes of %v
            %V,%v;      | 2,abc              | record 1   | a delimiter is not where the lengths say
            %p %v\\n    | 1 a\\n-1 b\\n      | record 2   | '-1' is not a number for %p
            """)
    void shouldNameTheRecordThatDoesNotFit(String format, String input, String record, String what) {
        assertThatThrownBy(() -> read(format, unescape(input)))
                .isInstanceOf(RecordSource.InvalidInputException.class)
                .hasMessageContaining(record)
                .hasMessageContaining(what);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "%p", "%x\\n", "%k%v", "%v{hex}", "%h\\n", "%v\\q", "%v\\x4", "%v%", "%v\\", "%v{"})
    void shouldRefuseFormatsThatCannotBeRead(String format) {
        assertThatThrownBy(() -> InputFormat.parse(format)).isInstanceOf(InvalidFormatException.class);
    }

    private static String lines(String input) throws IOException {
        return read("%v\\n", input);
    }

    private static String read(String format, String input) throws IOException {
        List<String> records = new ArrayList<>();
        RecordSource source = stream(format, input);
        for (RecordSource.InputRecord next = source.next(); next != null; next = source.next()) {
            byte[] key = next.key();
            records.add("[" + (key == null ? "" : new String(key, ISO_8859_1) + ":")
                    + new String(value(next), ISO_8859_1) + "]");
        }
        return String.join("", records);
    }

    private static RecordSource stream(String format, String input) {
        return InputFormat.parse(format).read(new Dribble(input.getBytes(ISO_8859_1)));
    }

    private static byte[] value(RecordSource.InputRecord read) {
        byte @Nullable [] value = read.value();
        assertThat(value).isNotNull();
        return java.util.Objects.requireNonNull(value);
    }

    private static String unescape(String text) {
        return text.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t");
    }

    /** A pipe that gives few bytes at a time, so that delimiters are torn. */
    private static final class Dribble extends InputStream {
        private final ByteArrayInputStream bytes;
        private int turn;

        private Dribble(byte[] bytes) {
            this.bytes = new ByteArrayInputStream(bytes);
        }

        @Override
        public int read() {
            return bytes.read();
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            return bytes.read(target, offset, Math.min(length, 1 + turn++ % 7));
        }
    }
}
