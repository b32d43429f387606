// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import java.io.IOException;
import java.io.OutputStream;

/** Writes consumed records, one after the other. Confined to one thread. */
interface RecordPrinter {
    void print(ReadRecord from) throws IOException;

    /** After the last record; also when there was none. */
    default void end() throws IOException {}

    /** The value's bytes and a line feed: what the line format of produce reads. */
    static RecordPrinter raw(OutputStream out) {
        return from -> {
            byte[] value = from.record().value();
            if (value != null) {
                out.write(value);
            }
            out.write('\n');
        };
    }

    static RecordPrinter formatted(RecordFormat format, OutputStream out) {
        return from -> format.write(from, out);
    }
}
