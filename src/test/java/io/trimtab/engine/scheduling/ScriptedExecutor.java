package io.trimtab.engine.scheduling;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.trimtab.engine.sampling.LogitsRow;
import io.trimtab.engine.sampling.LogitsRow.Coverage;
import io.trimtab.engine.sampling.Rows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An executor without a model: a row's best token follows from all tokens before it, as it would
 * with attention. It keeps for each slot the tokens whose keys and values a real cache would hold,
 * and refuses a run over any others.
 */
public final class ScriptedExecutor implements ModelExecutor {
  public static final int VOCABULARY = 64;

  /** Told of every run before it happens; what it throws is what the run throws. */
  interface Before {
    void run(String event);
  }

  /** The logits after a sequence's first {@code length} tokens. */
  public interface Logits {
    float[] after(Sequence sequence, int length);
  }

  private final List<List<Integer>> cache = new ArrayList<>();
  private final List<String> events = Collections.synchronizedList(new ArrayList<>());
  private final int rowsMax;
  private int reserved = 4;
  Before before = event -> {};
  public Logits logits = (sequence, length) -> oneBest(expected(tokens(sequence, length)));

  public ScriptedExecutor(int slots, int rowsMax) {
    this.rowsMax = rowsMax;
    for (int slot = 0; slot < slots; slot++) {
      cache.add(new ArrayList<>());
    }
  }

  /** What happened so far, such as {@code "prefill a 0..4 rows 1"} and {@code "decode a b"}. */
  public List<String> events() {
    return List.copyOf(events);
  }

  /** The greedy answer to a prompt. */
  public static List<Integer> answer(int[] prompt, int count) {
    List<Integer> tokens = new ArrayList<>();
    for (int token : prompt) {
      tokens.add(token);
    }
    for (int i = 0; i < count; i++) {
      tokens.add(expected(tokens));
    }
    return tokens.subList(prompt.length, tokens.size());
  }

  static float[] oneBest(int token) {
    float[] row = new float[VOCABULARY];
    row[token] = 10;
    return row;
  }

  private static int expected(List<Integer> tokens) {
    return Math.floorMod(tokens.hashCode(), VOCABULARY);
  }

  private static List<Integer> tokens(Sequence sequence, int length) {
    List<Integer> tokens = new ArrayList<>(length);
    for (int i = 0; i < length; i++) {
      tokens.add(sequence.token(i));
    }
    return tokens;
  }

  @Override
  public int slots() {
    return cache.size();
  }

  @Override
  public int sequenceTokensMax() {
    return 1024;
  }

  @Override
  public int prefillRowsMax() {
    return rowsMax;
  }

  @Override
  public int reserved() {
    return reserved;
  }

  @Override
  public void reserve(int tokens, SlotTable table) {
    happens("reserve " + tokens);
    reserved = tokens;
  }

  @Override
  public void admit(Sequence sequence, SlotTable table) {
    // Not among the events: it has nothing to do with what is run.
    before.run("admit " + sequence.requestId());
  }

  @Override
  public int knownPrefix(Sequence sequence) {
    return 0;
  }

  @Override
  public void restorePrefix(Sequence sequence, int tokens) {
    throw new IllegalStateException("No prefix is known");
  }

  @Override
  public void keepPrefix(Sequence sequence) {}

  @Override
  public void move(Sequence sequence, int from, int to) {
    happens("move %s %d>%d".formatted(sequence.requestId(), from, to));
    requireCached(sequence, from);
    cache.set(to, cache.get(from));
    cache.set(from, new ArrayList<>());
  }

  @Override
  public LogitsRow prefill(
      Sequence sequence, int count, int firstRow, int rows, Coverage coverage) {
    int from = sequence.cached();
    happens("prefill %s %d..%d rows %d".formatted(sequence.requestId(), from, from + count, rows));
    require(rows <= rowsMax, "%d rows, at most %d".formatted(rows, rowsMax));
    require(firstRow + rows <= count || rows == 0, "rows outside of the run");
    run(sequence, sequence.slot, count);
    if (rows == 0) {
      // Of no rows, as the graph gives them.
      return LogitsRow.best(MemorySegment.NULL, MemorySegment.NULL, MemorySegment.NULL, 1);
    }
    float[][] wanted = new float[rows][];
    MemorySegment targets = Arena.ofAuto().allocate(JAVA_FLOAT, rows);
    for (int row = 0; row < rows; row++) {
      int length = from + firstRow + row + 1;
      wanted[row] = logits.after(sequence, length);
      int target = length < sequence.length() ? sequence.token(length) : 0;
      targets.setAtIndex(JAVA_FLOAT, row, wanted[row][target]);
    }
    return covering(coverage, wanted).withTargets(targets);
  }

  @Override
  public LogitsRow decode(List<Sequence> sequences, Coverage coverage) {
    happens(
        "decode " + sequences.stream().map(Sequence::requestId).collect(Collectors.joining(" ")));
    float[][] wanted = new float[sequences.size()][];
    for (int row = 0; row < wanted.length; row++) {
      Sequence sequence = sequences.get(row);
      require(sequence.slot == row, "row %d sits in slot %d".formatted(row, sequence.slot));
      require(sequence.pending() == 1, sequence.pending() + " tokens to decode");
      run(sequence, row, 1);
      wanted[row] = logits.after(sequence, sequence.length());
    }
    return covering(coverage, wanted);
  }

  private static LogitsRow covering(Coverage coverage, float[][] rows) {
    return switch (coverage) {
      case BEST -> Rows.best(rows);
      case FULL -> Rows.full(rows);
    };
  }

  private void run(Sequence sequence, int slot, int count) {
    int end = sequence.cached() + count;
    require(end <= reserved, "%d tokens, room for %d".formatted(end, reserved));
    if (sequence.cached() == 0) {
      cache.set(slot, new ArrayList<>());
    }
    requireCached(sequence, slot);
    for (int i = sequence.cached(); i < end; i++) {
      cache.get(slot).add(sequence.token(i));
    }
  }

  private void requireCached(Sequence sequence, int slot) {
    require(
        cache.get(slot).equals(tokens(sequence, sequence.cached())),
        "slot %d holds %s".formatted(slot, cache.get(slot)));
  }

  private void happens(String event) {
    before.run(event);
    events.add(event);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  @Override
  public long runNanos() {
    return 0;
  }

  @Override
  public void close() {}
}
