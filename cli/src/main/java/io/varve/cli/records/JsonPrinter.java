// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import io.varve.client.ConsumerRecord;
import io.varve.client.Header;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Records as JSON: one object per line, or an array of them. A key or value that is valid UTF-8 is text under its own
 * name, anything else base64 under {@code keyBase64} or {@code valueBase64}; null is null. Offsets are strings, as in
 * the JSON of the API. Confined to one thread.
 */
final class JsonPrinter implements RecordPrinter {
    private final JsonGenerator json;
    private final boolean lines;
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    private boolean began;

    private JsonPrinter(OutputStream out, boolean lines) throws IOException {
        JsonFactory factory = JsonFactory.builder()
                // The console decides when to flush.
                .disable(com.fasterxml.jackson.core.StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
                .build();
        this.json = factory.createGenerator(out);
        this.lines = lines;
        json.setPrettyPrinter(new MinimalPrettyPrinter(""));
    }

    /** One object per line. */
    static JsonPrinter lines(OutputStream out) throws IOException {
        return new JsonPrinter(out, true);
    }

    /** One array, complete after {@link #end}. */
    static JsonPrinter array(OutputStream out) throws IOException {
        return new JsonPrinter(out, false);
    }

    @Override
    public void print(ReadRecord printed) throws IOException {
        ConsumerRecord<byte[], byte[]> from = printed.record();
        begin();
        json.writeStartObject();
        json.writeStringField("topic", from.topic());
        json.writeNumberField("partition", from.partition());
        json.writeStringField("offset", Long.toString(from.offset()));
        json.writeNumberField("leaderEpoch", from.leaderEpoch());
        json.writeStringField("timestamp", RecordFormat.rfc3339(from.timestampMs()));
        bytes("key", from.key());
        json.writeArrayFieldStart("headers");
        for (Header header : from.headers()) {
            json.writeStartObject();
            json.writeStringField("key", header.key());
            bytes("value", header.value());
            json.writeEndObject();
        }
        json.writeEndArray();
        bytes("value", from.value());
        json.writeEndObject();
        json.flush();
        if (lines) {
            json.writeRaw('\n');
            json.flush();
        }
    }

    @Override
    public void end() throws IOException {
        if (!lines) {
            begin();
            json.writeEndArray();
            json.writeRaw('\n');
        }
        json.flush();
    }

    private void begin() throws IOException {
        if (!began && !lines) {
            json.writeStartArray();
        }
        began = true;
    }

    private void bytes(String name, byte @Nullable [] content) throws IOException {
        if (content == null) {
            json.writeNullField(name);
            return;
        }
        try {
            json.writeStringField(name, utf8.decode(ByteBuffer.wrap(content)).toString());
        } catch (CharacterCodingException e) {
            json.writeBinaryField(name + "Base64", content);
        }
    }
}
