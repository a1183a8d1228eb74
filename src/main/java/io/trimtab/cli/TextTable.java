package io.trimtab.cli;

import io.trimtab.error.PlainText;
import java.util.ArrayList;
import java.util.List;

/** A table in plain text: columns as wide as their widest cell, two spaces between them. */
final class TextTable {
  private static final String GAP = "  ";

  /** Where a column's cells stand. */
  enum Align {
    LEFT,
    RIGHT
  }

  /**
   * One column.
   *
   * @param title above its cells
   */
  record Column(String title, Align align) {
    static Column left(String title) {
      return new Column(title, Align.LEFT);
    }

    static Column right(String title) {
      return new Column(title, Align.RIGHT);
    }
  }

  private final List<Column> columns;
  private final List<List<String>> rows = new ArrayList<>();

  TextTable(Column... columns) {
    this.columns = List.of(columns);
    rows.add(this.columns.stream().map(Column::title).toList());
  }

  /** Adds a row, a cell a column. */
  void row(Object... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(
          "A row of %d cells in a table of %d columns".formatted(cells.length, columns.size()));
    }
    List<String> row = new ArrayList<>(cells.length);
    for (Object cell : cells) {
      row.add(PlainText.of(cell.toString()));
    }
    rows.add(row);
  }

  List<String> lines() {
    return rows.stream().map(this::line).toList();
  }

  private String line(List<String> row) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      String padding = " ".repeat(width(i) - row.get(i).length());
      line.append(i == 0 ? "" : GAP);
      switch (columns.get(i).align()) {
        case LEFT -> line.append(row.get(i)).append(padding);
        case RIGHT -> line.append(padding).append(row.get(i));
      }
    }
    return line.toString().stripTrailing();
  }

  private int width(int column) {
    return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
  }
}
