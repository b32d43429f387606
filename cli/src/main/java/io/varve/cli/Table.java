// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * A text table: upper-case headers, two spaces between columns, no lines; numbers to the right, text to the left. No
 * spaces at line ends. Confined to one thread.
 */
public final class Table {
    private final List<List<String>> rows = new ArrayList<>();
    private final boolean[] rightAligned;
    private final int[] widths;

    /** Headers; one that begins with {@code >} names a column of numbers. */
    public Table(String... headers) {
        rightAligned = new boolean[headers.length];
        widths = new int[headers.length];
        List<String> titles = new ArrayList<>();
        for (int i = 0; i < headers.length; i++) {
            rightAligned[i] = headers[i].startsWith(">");
            titles.add(rightAligned[i] ? headers[i].substring(1) : headers[i]);
        }
        add(titles);
    }

    /** Adds a row of as many cells as there are headers. */
    public void row(Object... cells) {
        List<String> texts = new ArrayList<>();
        for (Object cell : cells) {
            texts.add(String.valueOf(cell));
        }
        add(texts);
    }

    /** The text of a cell that may have nothing to say. */
    public static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }

    private void add(List<String> cells) {
        if (cells.size() != widths.length) {
            throw new IllegalArgumentException(cells.size() + " cells for " + widths.length + " columns");
        }
        for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], cells.get(i).length());
        }
        rows.add(List.copyOf(cells));
    }

    /** The whole table, each line with its line feed. */
    public String render() {
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String padding = " ".repeat(widths[i] - row.get(i).length());
                line.append(i == 0 ? "" : "  ");
                line.append(rightAligned[i] ? padding + row.get(i) : row.get(i) + padding);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
