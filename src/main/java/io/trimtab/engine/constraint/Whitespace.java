package io.trimtab.engine.constraint;

/**
 * White space between the tokens of a JSON text: none, one space, or a line feed and at most four
 * spaces or tabs for each array and object that is open. So what {@code json.dumps} writes, compact
 * or indented, is possible, and a model can't go on with spaces for ever.
 *
 * <p>A state is a number: {@link #FRESH} before any, {@link #OVER} when no more may come, above it
 * how many may follow a line feed.
 */
final class Whitespace {
  static final int FRESH = 0;
  static final int OVER = 1;
  static final int NONE = -1;

  private static final int INDENT_MAX = 4;

  private Whitespace() {}

  /** The state after a byte, or {@link #NONE} where it is no white space that may come. */
  static int next(int state, int octet, int depth) {
    return switch (octet) {
      case ' ' -> state == FRESH ? OVER : indented(state);
      case '\t' -> state == FRESH ? NONE : indented(state);
      case '\n' -> state == FRESH ? OVER + INDENT_MAX * depth : NONE;
      default -> NONE;
    };
  }

  private static int indented(int state) {
    return state > OVER ? state - 1 : NONE;
  }
}
