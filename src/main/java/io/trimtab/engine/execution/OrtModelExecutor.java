package io.trimtab.engine.execution;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.trimtab.engine.delta.BoundDeltas;
import io.trimtab.engine.delta.DeltaArena;
import io.trimtab.engine.delta.EmptyDeltas;
import io.trimtab.engine.delta.HostDelta;
import io.trimtab.engine.sampling.LogitsRow;
import io.trimtab.engine.sampling.LogitsRow.Coverage;
import io.trimtab.engine.scheduling.ModelExecutor;
import io.trimtab.engine.scheduling.Sequence;
import io.trimtab.engine.scheduling.SlotTable;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.TextConfig;
import io.trimtab.model.graph.Precision;
import io.trimtab.model.text.Prompt;
import io.trimtab.ort.Device;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The language model on ONNX Runtime.
 *
 * <p>A decode step of n rows always runs over the same memory: the binding for n is prepared once,
 * and a step writes embeddings, angles and lengths into place, binds deltas where they are others
 * than before, and runs. Prefill runs share a binding as long as slot and shape stay the same. When
 * the cache grows, all bindings are made anew.
 */
public final class OrtModelExecutor implements ModelExecutor {
  /** Bounds the logits that a scoring run holds: 64 rows of a vocabulary of 152k are 39 MB. */
  private static final int PREFILL_ROWS_MAX = 64;

  private final TextConfig text;
  private final int slots;
  private final int sequenceTokensMax;
  private final Arena arena;
  private final TokenEmbeddings embeddings;
  private final RotaryRows rotary;
  private final KeyValueCache cache;
  private final PrefixCache prefixes;
  private final RunBuffers buffers;
  private final Device device;
  private final EmptyDeltas base;
  private final DeltaArena deltas;
  private final LanguageModelRuns runs;
  private final @Nullable LanguageModelRun[] decodeBest;
  private final @Nullable LanguageModelRun[] decodeFull;
  private @Nullable LanguageModelRun prefill;
  private long runNanos;

  /**
   * @param model closed by whoever opened it, after this
   * @param base closed by whoever made it, after this
   * @param tokenSets likewise
   * @param prefillTokensMax most tokens of one prefill run
   * @param prefixBytesMax of keys and values kept of earlier prompts
   */
  @SuppressWarnings("MustBeClosedChecker") // The arena lives as long as this executor.
  public OrtModelExecutor(
      LoadedModel model,
      EmptyDeltas base,
      TokenSets tokenSets,
      int slots,
      int sequenceTokensMax,
      int prefillTokensMax,
      long prefixBytesMax) {
    Checkpoint checkpoint = model.checkpoint();
    Precision precision = model.graphs().precision();
    this.text = checkpoint.config().text();
    this.slots = slots;
    this.sequenceTokensMax = sequenceTokensMax;
    this.arena = Arena.ofShared();
    this.embeddings = new TokenEmbeddings(checkpoint, precision.activation());
    this.rotary = new RotaryRows(model.rotary(), precision.activation(), text.headDim() / 2);
    this.cache =
        new KeyValueCache(
            model.languageModel(), text, precision.activation(), slots, sequenceTokensMax);
    this.prefixes = new PrefixCache(model.languageModel(), cache, prefixBytesMax);
    rotary.prepare(cache.capacity());
    int rows = Math.max(slots, PREFILL_ROWS_MAX);
    this.buffers =
        new RunBuffers(
            arena,
            text,
            precision.activation(),
            Math.max(prefillTokensMax, slots),
            rows,
            tokenSets.count());
    this.device = model.languageModel().device();
    this.base = base;
    this.deltas = new DeltaArena(model.languageModel(), precision.activation(), slots, base);
    this.runs = new LanguageModelRuns(model, text, cache, buffers, base, tokenSets);
    this.decodeBest = new LanguageModelRun[slots + 1];
    this.decodeFull = new LanguageModelRun[slots + 1];
  }

  @Override
  public int slots() {
    return slots;
  }

  @Override
  public int sequenceTokensMax() {
    return sequenceTokensMax;
  }

  @Override
  public int prefillRowsMax() {
    return PREFILL_ROWS_MAX;
  }

  @Override
  public int reserved() {
    return cache.capacity();
  }

  @Override
  public void reserve(int tokens, SlotTable table) {
    closeRuns();
    cache.grow(tokens, table);
    rotary.prepare(cache.capacity());
  }

  @Override
  public int knownPrefix(Sequence sequence) {
    return prefixes.known(sequence);
  }

  @Override
  public void restorePrefix(Sequence sequence, int tokens) {
    prefixes.restore(sequence, tokens);
  }

  @Override
  public void keepPrefix(Sequence sequence) {
    prefixes.keep(sequence);
  }

  @Override
  public void move(Sequence sequence, int from, int to) {
    cache.move(from, to, sequence.cached());
  }

  @Override
  public LogitsRow prefill(
      Sequence sequence, int count, int firstRow, int rows, Coverage coverage) {
    int from = sequence.cached();
    writePrompt(sequence, from, count);
    buffers.pastLengths.set(JAVA_INT, 0, from + count - 1);
    buffers.totalLength.set(JAVA_INT, 0, from + count);
    // MatMulNBits divides by the number of rows: a run that no one reads logits of has one all the
    // same.
    int computed = Math.max(1, rows);
    for (int row = 0; row < computed; row++) {
      int at = rows == 0 ? count - 1 : firstRow + row;
      buffers.logitRows.setAtIndex(JAVA_LONG, row, at);
      int next = from + at + 1;
      int target = next < sequence.length() ? sequence.token(next) : 0;
      buffers.logitTargets.setAtIndex(JAVA_LONG, row, target);
    }
    LanguageModelRun run = prefill;
    LanguageModelRun.Form form =
        new LanguageModelRun.Form(sequence.slot, 1, count, computed, coverage);
    if (run == null || !run.form().equals(form)) {
      closeRun(run);
      prefill = null;
      run = runs.prepare(form);
      prefill = run;
    }
    run.bind(
        switch (device) {
          case Device.Cpu _ -> alone(sequence.delta());
          case Device.Cuda _ -> inSlot(sequence);
        });
    return timed(run);
  }

  @Override
  public LogitsRow decode(List<Sequence> sequences, Coverage coverage) {
    int count = sequences.size();
    int longest = 0;
    for (int row = 0; row < count; row++) {
      Sequence sequence = sequences.get(row);
      int last = sequence.length() - 1;
      embeddings.write(sequence.token(last), buffers.embeddings, row);
      rotary.writeGenerated(last + sequence.prompt().positions().delta(), buffers, row);
      buffers.pastLengths.setAtIndex(JAVA_INT, row, last);
      longest = Math.max(longest, sequence.length());
      buffers.logitRows.setAtIndex(JAVA_LONG, row, row);
      buffers.logitTargets.setAtIndex(JAVA_LONG, row, 0);
    }
    buffers.totalLength.set(JAVA_INT, 0, longest);
    LanguageModelRun run = decodeRun(count, coverage);
    run.bind(deltasOf(sequences));
    return timed(run);
  }

  @Override
  public void admit(Sequence sequence, SlotTable table) {
    Set<HostDelta> seated = new HashSet<>();
    boolean mixed = false;
    for (int slot = 0; slot < table.capacity(); slot++) {
      Sequence other = table.at(slot);
      if (other != null) {
        mixed |= other.delta() != sequence.delta();
        if (other.delta() != null) {
          seated.add(other.delta());
        }
      }
    }
    if (mixed || device instanceof Device.Cuda) {
      deltas.fit(seated);
    }
  }

  /** What all rows of a run bind that have one delta, or none. Host memory, so not for a GPU. */
  private BoundDeltas alone(@Nullable HostDelta delta) {
    return delta == null ? base : delta;
  }

  private BoundDeltas inSlot(Sequence sequence) {
    HostDelta delta = sequence.delta();
    if (delta == null) {
      return base;
    }
    deltas.place(sequence.slot, delta);
    return deltas.single(sequence.slot);
  }

  /** The deltas of the rows of a decode step: one for all of them where they have the same. */
  private BoundDeltas deltasOf(List<Sequence> sequences) {
    Sequence first = sequences.getFirst();
    boolean same = true;
    for (int row = 1; row < sequences.size(); row++) {
      same &= sequences.get(row).delta() == first.delta();
    }
    if (same) {
      return switch (device) {
        case Device.Cpu _ -> alone(first.delta());
        case Device.Cuda _ -> inSlot(first);
      };
    }
    for (int row = 0; row < sequences.size(); row++) {
      deltas.place(row, sequences.get(row).delta());
    }
    return deltas.prefix(sequences.size());
  }

  private LanguageModelRun decodeRun(int count, Coverage coverage) {
    @Nullable LanguageModelRun[] prepared =
        switch (coverage) {
          case BEST -> decodeBest;
          case FULL -> decodeFull;
        };
    LanguageModelRun run = prepared[count];
    if (run == null) {
      run = runs.prepare(new LanguageModelRun.Form(0, count, 1, count, coverage));
      prepared[count] = run;
    }
    return run;
  }

  private LogitsRow timed(LanguageModelRun run) {
    run.bindHostInputs();
    long start = System.nanoTime();
    LogitsRow logits = run.run();
    runNanos += System.nanoTime() - start;
    return logits;
  }

  /**
   * Embeddings and angles of the tokens {@code [from, from + count)}: text rows and image rows
   * merged.
   */
  private void writePrompt(Sequence sequence, int from, int count) {
    for (int i = 0; i < count; i++) {
      embeddings.write(sequence.token(from + i), buffers.embeddings, i);
    }
    for (Prompt.ImageSpan span : sequence.prompt().images()) {
      int start = Math.max(span.start(), from);
      int end = Math.min(span.start() + span.length(), from + count);
      if (start < end) {
        MemorySegment image = sequence.images().get(span.imageIndex()).embeddings();
        long rowBytes = embeddings.rowBytes();
        MemorySegment.copy(
            image,
            (start - span.start()) * rowBytes,
            buffers.embeddings,
            (start - from) * rowBytes,
            (end - start) * rowBytes);
      }
    }
    int promptLength = sequence.prompt().length();
    int ofPrompt = Math.clamp(promptLength - from, 0, count);
    rotary.writePrompt(sequence.prompt().positions(), from, ofPrompt, buffers);
    for (int i = ofPrompt; i < count; i++) {
      rotary.writeGenerated(from + i + sequence.prompt().positions().delta(), buffers, i);
    }
  }

  /** The deltas of running sequences; its counters are for any thread. */
  public DeltaArena deltas() {
    return deltas;
  }

  /** Bytes of keys and values kept of earlier prompts; for any thread. */
  public long prefixBytes() {
    return prefixes.bytes();
  }

  @Override
  public long runNanos() {
    return runNanos;
  }

  private void closeRuns() {
    for (int count = 0; count <= slots; count++) {
      closeRun(decodeBest[count]);
      closeRun(decodeFull[count]);
      decodeBest[count] = null;
      decodeFull[count] = null;
    }
    closeRun(prefill);
    prefill = null;
  }

  private static void closeRun(@Nullable LanguageModelRun run) {
    if (run != null) {
      run.close();
    }
  }

  @Override
  public void close() {
    closeRuns();
    deltas.close();
    prefixes.close();
    cache.close();
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
