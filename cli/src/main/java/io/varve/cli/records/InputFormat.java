// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How records to produce are read: a compiled format string.
 *
 * <pre>
 * %k key  %v value  %p partition  %d timestamp in ms  %K %V length in bytes of the key or value that follows
 * </pre>
 *
 * A field without a length ends at the literal that follows it, the last one at the end of the input. The line format
 * {@code %v\n} is the default: a line is a record, a carriage return belongs to it, and what follows the last line feed
 * is a record too unless it is empty. Immutable.
 */
final class InputFormat {
    static final InputFormat LINES = parse("%v\\n");

    private final String text;
    private final List<FormatToken> tokens;

    private InputFormat(String text, List<FormatToken> tokens) {
        this.text = text;
        this.tokens = tokens;
    }

    /** @throws InvalidFormatException naming what is wrong with it */
    static InputFormat parse(String format) {
        List<FormatToken> tokens = FormatToken.parse(format);
        boolean sawData = false;
        StringBuilder seen = new StringBuilder();
        for (int i = 0; i < tokens.size(); i++) {
            if (!(tokens.get(i) instanceof FormatToken.Field field)) {
                continue;
            }
            check(field);
            sawData |= field.letter() == 'k' || field.letter() == 'v';
            seen.append(field.letter());
            boolean bounded = (field.letter() == 'k' && seen.indexOf("K") >= 0)
                    || (field.letter() == 'v' && seen.indexOf("V") >= 0);
            boolean delimited = i + 1 == tokens.size() || tokens.get(i + 1) instanceof FormatToken.Literal;
            if (!bounded && !delimited) {
                throw new InvalidFormatException("the format '" + format + "' does not say where " + field.text()
                        + " ends: put a delimiter behind it, or its length before it (%K, %V)");
            }
        }
        if (!sawData) {
            throw new InvalidFormatException("the format '" + format + "' reads neither %k nor %v");
        }
        return new InputFormat(format, tokens);
    }

    private static void check(FormatToken.Field field) {
        if ("kvpdKV".indexOf(field.letter()) < 0) {
            throw new InvalidFormatException("unknown field " + field.text()
                    + " in an input format: %k %v %p %d, %K %V and %% are known; headers come from -H");
        }
        if (!field.modifier().isEmpty()) {
            throw new InvalidFormatException(field.text() + ": an input format takes nothing in braces");
        }
    }

    RecordSource read(InputStream in) {
        ByteScanner scanner = new ByteScanner(in);
        return new RecordSource() {
            private long count;

            @Override
            public @Nullable InputRecord next() throws IOException {
                if (scanner.atEnd()) {
                    return null;
                }
                return new RecordParse(++count).of(scanner);
            }
        };
    }

    /** The reading of one record. Confined to one call. */
    private final class RecordParse {
        private final long number;
        private byte @Nullable [] key;
        private byte @Nullable [] value;
        private @Nullable Integer partition;
        private @Nullable Long timestampMillis;
        private int keyLength = -1;
        private int valueLength = -1;

        private RecordParse(long number) {
            this.number = number;
        }

        private RecordSource.InputRecord of(ByteScanner scanner) throws IOException {
            for (int i = 0; i < tokens.size(); i++) {
                FormatToken token = tokens.get(i);
                if (token instanceof FormatToken.Literal literal) {
                    skip(scanner, literal, i + 1 == tokens.size());
                } else {
                    boolean delimited = i + 1 < tokens.size() && tokens.get(i + 1) instanceof FormatToken.Literal;
                    boolean sized = read(scanner, (FormatToken.Field) token, i, delimited);
                    i += delimited && !sized ? 1 : 0;
                }
            }
            return new RecordSource.InputRecord(key, value, partition, timestampMillis);
        }

        /** Reads one field; true if by length, false if up to the literal that follows. */
        private boolean read(ByteScanner scanner, FormatToken.Field field, int at, boolean delimited)
                throws IOException {
            int length = field.letter() == 'k' ? keyLength : field.letter() == 'v' ? valueLength : -1;
            if (length >= 0) {
                set(field, exactly(scanner, length, field));
                return true;
            }
            if (!delimited) {
                set(field, scanner.rest());
                return false;
            }
            byte[] content = scanner.until(((FormatToken.Literal) tokens.get(at + 1)).bytes());
            boolean last = at + 2 == tokens.size();
            if (!last && (!scanner.sawDelimiter() || holdsRecordEnd(content))) {
                throw invalid("the record ends before the delimiter behind " + field.text());
            }
            set(field, content);
            return false;
        }

        /** A line without its tab must not swallow the next line. Who needs such keys gives their length (%K). */
        private boolean holdsRecordEnd(byte[] content) {
            return tokens.get(tokens.size() - 1) instanceof FormatToken.Literal end
                    && end.bytes().length == 1
                    && new String(content, StandardCharsets.ISO_8859_1).indexOf(end.bytes()[0] & 0xff) >= 0;
        }

        private void set(FormatToken.Field field, byte[] content) throws IOException {
            switch (field.letter()) {
                case 'k' -> key = content;
                case 'v' -> value = content;
                case 'K' -> keyLength = (int) number(field, content, ByteScanner.MAX_FIELD_BYTES);
                case 'V' -> valueLength = (int) number(field, content, ByteScanner.MAX_FIELD_BYTES);
                case 'p' -> partition = (int) number(field, content, Integer.MAX_VALUE);
                case 'd' -> timestampMillis = number(field, content, Long.MAX_VALUE);
                default -> throw new IllegalStateException(field.text());
            }
        }

        private long number(FormatToken.Field field, byte[] content, long max) throws IOException {
            String digits = new String(content, StandardCharsets.ISO_8859_1).strip();
            try {
                long parsed = Long.parseLong(digits);
                if (parsed >= 0 && parsed <= max) {
                    return parsed;
                }
            } catch (NumberFormatException e) {
                // falls through to the message
            }
            throw invalid("'" + digits + "' is not a number for " + field.text() + " (0 to " + max + ")");
        }

        private byte[] exactly(ByteScanner scanner, int length, FormatToken.Field field) throws IOException {
            try {
                return scanner.exactly(length);
            } catch (EOFException e) {
                throw invalid("the input ends within the " + length + " bytes of " + field.text());
            }
        }

        /** A literal behind a field of known length, or at the very front. Behind the last field the end may stand for it. */
        private void skip(ByteScanner scanner, FormatToken.Literal literal, boolean last) throws IOException {
            if (last && scanner.atEnd()) {
                return;
            }
            byte[] found;
            try {
                found = scanner.exactly(literal.bytes().length);
            } catch (EOFException e) {
                throw invalid("the input ends within a delimiter");
            }
            if (!Arrays.equals(found, literal.bytes())) {
                throw invalid("a delimiter is not where the lengths say");
            }
        }

        private RecordSource.InvalidInputException invalid(String what) {
            return new RecordSource.InvalidInputException(
                    "record " + number + " does not fit the format '" + text + "': " + what);
        }
    }
}
