// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A piece of a format string: bytes to copy, or a field such as {@code %v} or {@code %d{rfc3339}}. The letters are
 * those of rpk. Escapes: {@code \n \t \r \0 \\ \xHH}; {@code %%} is a percent sign.
 */
sealed interface FormatToken {
    record Literal(byte[] bytes) implements FormatToken {}

    /** @param modifier what stood in braces behind the letter; empty without braces */
    record Field(char letter, String modifier) implements FormatToken {
        String text() {
            return "%" + letter + (modifier.isEmpty() ? "" : "{" + modifier + "}");
        }
    }

    /**
     * Reads a format string. Two literals never follow each other.
     *
     * @throws InvalidFormatException naming the place
     */
    static List<FormatToken> parse(String format) {
        return new Parser(format).parse();
    }

    /** Reads a format string, character by character. Confined to one call. */
    final class Parser {
        private final String format;
        private final List<FormatToken> tokens = new ArrayList<>();
        private final ByteArrayOutputStream literal = new ByteArrayOutputStream();
        private int at;

        private Parser(String format) {
            this.format = format;
        }

        private List<FormatToken> parse() {
            while (at < format.length()) {
                char c = format.charAt(at);
                if (c == '\\') {
                    at++;
                    literal.write(escape());
                } else if (c == '%') {
                    at++;
                    percent();
                } else {
                    int codePoint = format.codePointAt(at);
                    at += Character.charCount(codePoint);
                    literal.writeBytes(Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
                }
            }
            endLiteral();
            return List.copyOf(tokens);
        }

        private int escape() {
            if (at == format.length()) {
                throw new InvalidFormatException("a format cannot end in a single \\: '" + format + "'");
            }
            char c = format.charAt(at++);
            return switch (c) {
                case 'n' -> '\n';
                case 't' -> '\t';
                case 'r' -> '\r';
                case '0' -> 0;
                case '\\' -> '\\';
                case 'x' -> hexByte();
                default ->
                    throw new InvalidFormatException("unknown escape \\" + c + " in the format '" + format
                            + "': \\n \\t \\r \\0 \\\\ and \\xHH are known");
            };
        }

        private int hexByte() {
            try {
                int value = Integer.parseInt(format, at, at + 2, 16);
                at += 2;
                return value;
            } catch (NumberFormatException | IndexOutOfBoundsException e) {
                throw new InvalidFormatException("\\x needs two hexadecimal digits in the format '" + format + "'");
            }
        }

        private void percent() {
            if (at == format.length()) {
                throw new InvalidFormatException(
                        "a format cannot end in a single %: '" + format + "'; write %% for a percent sign");
            }
            char letter = format.charAt(at++);
            if (letter == '%') {
                literal.write('%');
                return;
            }
            endLiteral();
            tokens.add(new Field(letter, modifier(letter)));
        }

        /** Braces may nest: {@code %h{%k=%v{hex},}}. */
        private String modifier(char letter) {
            if (at == format.length() || format.charAt(at) != '{') {
                return "";
            }
            int depth = 0;
            for (int i = at; i < format.length(); i++) {
                depth += format.charAt(i) == '{' ? 1 : format.charAt(i) == '}' ? -1 : 0;
                if (depth == 0) {
                    String modifier = format.substring(at + 1, i);
                    at = i + 1;
                    return modifier;
                }
            }
            throw new InvalidFormatException("%" + letter + "{ is not closed by } in the format '" + format + "'");
        }

        private void endLiteral() {
            if (literal.size() > 0) {
                tokens.add(new Literal(literal.toByteArray()));
                literal.reset();
            }
        }
    }
}
