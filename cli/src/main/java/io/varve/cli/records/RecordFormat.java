// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import io.varve.client.ConsumerRecord;
import io.varve.client.Header;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How consumed records are written: a compiled format string, bytes in and bytes out.
 *
 * <pre>
 * %t topic  %k key  %v value  %h headers  %p partition  %o offset  %e leader epoch  %d timestamp  %i count from 0
 * %T %K %V lengths in bytes  %H number of headers  %[ log start  %] high watermark  %| last stable offset
 * %k{hex} %k{base64}, the same for %v and %t    %d{millis} (default) %d{seconds} %d{rfc3339}
 * %h{%k=%v,} writes the inner format for each header
 * </pre>
 *
 * A null key or value writes nothing and has length -1. Immutable.
 */
final class RecordFormat {
    private final List<Piece> pieces;

    private RecordFormat(List<Piece> pieces) {
        this.pieces = pieces;
    }

    @FunctionalInterface
    private interface Piece {
        void write(ReadRecord from, OutputStream to) throws IOException;
    }

    @FunctionalInterface
    private interface Text {
        String of(ReadRecord from);
    }

    @FunctionalInterface
    private interface Bytes {
        byte @Nullable [] of(ReadRecord from);
    }

    /** @throws InvalidFormatException naming what is wrong with it */
    static RecordFormat parse(String format) {
        return new RecordFormat(FormatToken.parse(format).stream()
                .map(token -> {
                    if (token instanceof FormatToken.Literal literal) {
                        return (Piece) (from, to) -> to.write(literal.bytes());
                    }
                    return piece((FormatToken.Field) token);
                })
                .toList());
    }

    void write(ReadRecord from, OutputStream to) throws IOException {
        for (Piece piece : pieces) {
            piece.write(from, to);
        }
    }

    private static Piece piece(FormatToken.Field field) {
        return switch (field.letter()) {
            case 't' -> bytes(field, from -> utf8(from.record().topic()));
            case 'k' -> bytes(field, from -> from.record().key());
            case 'v' -> bytes(field, from -> from.record().value());
            case 'h' -> headers(field);
            case 'd' -> text(time(field));
            case 'p' -> number(field, from -> Integer.toString(from.record().partition()));
            case 'o' -> number(field, from -> Long.toString(from.record().offset()));
            case 'e' -> number(field, from -> Integer.toString(from.record().leaderEpoch()));
            case 'i' -> number(field, from -> Long.toString(from.index()));
            case 'T' ->
                number(field, from -> Integer.toString(utf8(from.record().topic()).length));
            case 'K' -> number(field, from -> length(from.record().key()));
            case 'V' -> number(field, from -> length(from.record().value()));
            case 'H' ->
                number(field, from -> Integer.toString(from.record().headers().size()));
            case '[' -> number(field, from -> Long.toString(from.log().startOffset()));
            // Without transactions the last stable offset is the high watermark.
            case ']', '|' -> number(field, from -> Long.toString(from.log().highWatermark()));
            default ->
                throw new InvalidFormatException("unknown field " + field.text()
                        + " in the format: %t %k %v %h %p %o %e %d %i, %T %K %V %H, %[ %] %| and %% are known");
        };
    }

    private static Piece text(Text text) {
        return (from, to) -> to.write(utf8(text.of(from)));
    }

    private static Piece number(FormatToken.Field field, Text text) {
        if (!field.modifier().isEmpty()) {
            throw new InvalidFormatException(field.text() + ": %" + field.letter() + " takes nothing in braces");
        }
        return text(text);
    }

    private static Piece bytes(FormatToken.Field field, Bytes bytes) {
        return switch (field.modifier()) {
            case "" ->
                (from, to) -> {
                    byte[] content = bytes.of(from);
                    if (content != null) {
                        to.write(content);
                    }
                };
            case "hex" -> encoded(bytes, HexFormat.of()::formatHex);
            case "base64" -> encoded(bytes, Base64.getEncoder()::encodeToString);
            default -> throw new InvalidFormatException(field.text() + ": only {hex} and {base64} are known here");
        };
    }

    private static Piece encoded(Bytes bytes, java.util.function.Function<byte[], String> encoding) {
        return (from, to) -> {
            byte[] content = bytes.of(from);
            if (content != null) {
                to.write(utf8(encoding.apply(content)));
            }
        };
    }

    private static Text time(FormatToken.Field field) {
        return switch (field.modifier()) {
            case "", "millis" -> from -> Long.toString(from.record().timestampMs());
            case "seconds" -> from -> Long.toString(Math.floorDiv(from.record().timestampMs(), 1000L));
            case "rfc3339" -> from -> rfc3339(from.record().timestampMs());
            default ->
                throw new InvalidFormatException(
                        field.text() + ": only {millis}, {seconds} and {rfc3339} are known here");
        };
    }

    /** With milliseconds always, so that lines keep their columns: {@code 2026-11-20T09:14:05.113Z}. */
    static String rfc3339(long millis) {
        String text = Instant.ofEpochMilli(millis).toString();
        return millis % 1000 == 0 ? text.substring(0, text.length() - 1) + ".000Z" : text;
    }

    /** The inner format sees each header as a record with that key and value. */
    private static Piece headers(FormatToken.Field field) {
        String inner = field.modifier().isEmpty() ? "%k=%v " : field.modifier();
        List<FormatToken> allowed = new ArrayList<>(FormatToken.parse(inner));
        allowed.removeIf(token -> token instanceof FormatToken.Literal
                || (token instanceof FormatToken.Field f && "kvKV".indexOf(f.letter()) >= 0));
        if (!allowed.isEmpty()) {
            throw new InvalidFormatException(field.text() + ": only %k, %v, %K and %V are known inside %h{...}");
        }
        RecordFormat each = parse(inner);
        return (from, to) -> {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (Header header : from.record().headers()) {
                each.write(asRecord(from, header), all);
            }
            all.writeTo(to);
        };
    }

    private static ReadRecord asRecord(ReadRecord from, Header header) {
        ConsumerRecord<byte[], byte[]> outer = from.record();
        ConsumerRecord<byte[], byte[]> inner = new ConsumerRecord<>(
                outer.topic(),
                outer.partition(),
                outer.offset(),
                outer.timestampMs(),
                outer.leaderEpoch(),
                utf8(header.key()),
                header.value(),
                List.of());
        return new ReadRecord(inner, from.log(), from.index());
    }

    private static String length(byte @Nullable [] content) {
        return Integer.toString(content == null ? -1 : content.length);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
