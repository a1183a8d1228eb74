package io.trimtab.cli.terminal;

import io.trimtab.cli.terminal.Tone.Word;
import io.trimtab.error.PlainText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A table in plain text: columns as wide as their widest cell, two spaces between them. On a
 * terminal that is narrower, the widest of the columns that may give way do: what is to be found
 * again, such as a name or an id, always stands whole.
 */
public final class TextTable {
  private static final String GAP = "  ";

  /** Where a column's cells stand. */
  public enum Align {
    LEFT,
    RIGHT
  }

  /** What a column does for want of room. */
  public enum Fit {
    /** Stands whole, and the terminal breaks the line. */
    WHOLE,
    /** Is cut, with an ellipsis. */
    SHORTENED,
    /** Goes on in the line below. */
    WRAPPED
  }

  /**
   * One column.
   *
   * @param title above its cells
   */
  public record Column(String title, Align align, Fit fit) {
    /** No column that may give way gets narrower than this. */
    private static final int WIDTH_MIN = 12;

    public static Column left(String title) {
      return new Column(title, Align.LEFT, Fit.WHOLE);
    }

    public static Column right(String title) {
      return new Column(title, Align.RIGHT, Fit.WHOLE);
    }

    public static Column shortened(String title) {
      return new Column(title, Align.LEFT, Fit.SHORTENED);
    }

    public static Column wrapped(String title) {
      return new Column(title, Align.LEFT, Fit.WRAPPED);
    }

    private int widthMin() {
      return Math.max(WIDTH_MIN, title.length());
    }
  }

  private final List<Column> columns;
  private final List<List<Word>> rows = new ArrayList<>();

  public TextTable(Column... columns) {
    this.columns = List.of(columns);
    rows.add(this.columns.stream().map(column -> Tone.PLAIN.of(column.title())).toList());
  }

  /** Adds a row, a cell a column; a {@link Word} has its tone. */
  public void row(Object... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(
          "A row of %d cells in a table of %d columns".formatted(cells.length, columns.size()));
    }
    List<Word> row = new ArrayList<>(cells.length);
    for (Object cell : cells) {
      Word word = cell instanceof Word styled ? styled : Tone.PLAIN.of(cell.toString());
      row.add(word.tone().of(PlainText.of(word.text())));
    }
    rows.add(row);
  }

  /** As for a pipe: every cell whole, no colours. */
  public List<String> lines() {
    return lines(Terminal.NONE);
  }

  /** As it fits. */
  public List<String> lines(Terminal terminal) {
    int[] widths = widths(terminal);
    List<String> lines = new ArrayList<>();
    rows.forEach(row -> lines.addAll(lines(row, widths, terminal)));
    return lines;
  }

  private int[] widths(Terminal terminal) {
    int[] widths = new int[columns.size()];
    for (int i = 0; i < widths.length; i++) {
      int column = i;
      widths[i] = rows.stream().mapToInt(row -> row.get(column).text().length()).max().orElse(0);
    }
    int gaps = GAP.length() * (columns.size() - 1);
    int room = terminal.columns().orElse(Integer.MAX_VALUE) - gaps;
    for (int widest = widest(widths);
        widest >= 0 && Arrays.stream(widths).sum() > room;
        widest = widest(widths)) {
      widths[widest]--;
    }
    return widths;
  }

  /** The widest column that may still give way; -1 where there is none. */
  private int widest(int[] widths) {
    int widest = -1;
    for (int i = 0; i < widths.length; i++) {
      boolean yields = columns.get(i).fit() != Fit.WHOLE && widths[i] > columns.get(i).widthMin();
      if (yields && (widest < 0 || widths[i] > widths[widest])) {
        widest = i;
      }
    }
    return widest;
  }

  private List<String> lines(List<Word> row, int[] widths, Terminal terminal) {
    List<List<String>> cells = new ArrayList<>();
    for (int i = 0; i < widths.length; i++) {
      cells.add(pieces(row.get(i).text(), columns.get(i).fit(), widths[i]));
    }
    int height = cells.stream().mapToInt(List::size).max().orElse(1);
    List<String> lines = new ArrayList<>();
    for (int at = 0; at < height; at++) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(i == 0 ? "" : GAP);
        String text = at < cells.get(i).size() ? cells.get(i).get(at) : "";
        String padding = " ".repeat(widths[i] - text.length());
        String painted = terminal.painted(text, row.get(i).tone());
        switch (columns.get(i).align()) {
          case LEFT -> line.append(painted).append(padding);
          case RIGHT -> line.append(padding).append(painted);
        }
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  private static List<String> pieces(String text, Fit fit, int width) {
    if (text.length() <= width) {
      return List.of(text);
    }
    return switch (fit) {
      case WHOLE -> throw new IllegalStateException("A whole column is narrower than its cell");
      case SHORTENED -> List.of(text.substring(0, width - 1).stripTrailing() + "…");
      case WRAPPED -> WrappedText.lines(text, width);
    };
  }
}
