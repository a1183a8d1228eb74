package io.trimtab.engine.scheduling;

/**
 * The next piece of a sequence to run before it decodes: as many pending tokens as the budget
 * allows, and no more than there is room for with a row of logits for each that its task wants.
 *
 * @param from first token, which is the first whose keys and values are not cached
 * @param tokens that run, from 1
 * @param firstRow first of them whose logits are wanted, counted from {@code from}
 * @param rows consecutive tokens whose logits are wanted, from 0
 */
record PrefillChunk(int from, int tokens, int firstRow, int rows) {
  /**
   * @param sequence with tokens pending
   * @param budget most tokens, from 1
   * @param rowsMax most rows of logits of one run, from 1
   */
  static PrefillChunk of(Sequence sequence, int budget, int rowsMax) {
    int from = sequence.cached();
    int first = Math.max(from, sequence.task().firstLogitsPosition());
    int wantedEnd = Math.max(first, sequence.task().endLogitsPosition());
    int endByRows = first + rowsMax;
    int end = Math.min(from + budget, Math.min(sequence.length(), Math.max(endByRows, from + 1)));
    int rows = Math.max(0, Math.min(end, wantedEnd) - first);
    return new PrefillChunk(from, end - from, first - from, rows);
  }

  /** One past its last token. */
  int end() {
    return from + tokens;
  }

  /** Whether the last of a prompt's tokens is among these. */
  boolean ends(int promptTokens) {
    return from < promptTokens && end() >= promptTokens;
  }
}
