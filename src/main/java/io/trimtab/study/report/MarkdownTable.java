package io.trimtab.study.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A table in Markdown, row by row. One thread. */
final class MarkdownTable {
  private final int columns;
  private final List<String> lines = new ArrayList<>();

  MarkdownTable(String... heads) {
    this.columns = heads.length;
    row(heads);
    lines.add("|" + String.join("|", Collections.nCopies(columns, "---")) + "|");
  }

  void row(String... cells) {
    row(List.of(cells));
  }

  void row(List<String> cells) {
    if (cells.size() != columns) {
      throw new IllegalArgumentException(
          "A row has %d cells, expected %d".formatted(cells.size(), columns));
    }
    lines.add("| " + String.join(" | ", cells) + " |");
  }

  /** With an empty line behind it. */
  @Override
  public String toString() {
    return String.join("\n", lines) + "\n\n";
  }
}
