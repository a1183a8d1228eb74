package io.trimtab.tuning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import io.trimtab.model.Family;
import io.trimtab.model.text.GridShape;
import io.trimtab.model.text.Prompt;
import io.trimtab.model.text.RopePositions;
import io.trimtab.model.text.RotaryTable;
import io.trimtab.tuning.job.TrainingSequence;
import io.trimtab.tuning.job.TrainingSequence.PlacedPicture;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Sequences of about one length as tensors, padded on the right. Attention is causal, so that no
 * token sees the padding behind it, and the padding's own rows are never read: there is no mask.
 *
 * @param ids {@code [batch, length]} int64; 0 where a picture or the padding lies
 * @param keep {@code [batch, length]} float32: 1 for tokens, 0 for pictures
 * @param cos {@code [batch, 1, length, headDim/2]} float32
 * @param sin likewise
 * @param rows {@code [answers]} int64: places in batch · length whose next token is an answer's
 * @param targets {@code [answers]} int64: those tokens
 * @param owner {@code [answers]} int64: the sequence of each
 */
record Batch(
    List<TrainingSequence> sequences,
    int length,
    NDArray ids,
    NDArray keep,
    NDArray cos,
    NDArray sin,
    NDArray rows,
    NDArray targets,
    NDArray owner) {
  /** A sequence runs with others of up to so many times its length. */
  private static final int LENGTH_RATIO_MAX = 2;

  /** The sequences by length, cut where padding would be more than half of a row. */
  static List<List<TrainingSequence>> byLength(List<TrainingSequence> sequences) {
    List<List<TrainingSequence>> groups = new ArrayList<>();
    int longest = 0;
    for (TrainingSequence sequence :
        sequences.stream().sorted(Comparator.comparingInt(Batch::negativeLength)).toList()) {
      int length = sequence.tokens().length;
      if (groups.isEmpty() || length * LENGTH_RATIO_MAX < longest) {
        groups.add(new ArrayList<>());
        longest = length;
      }
      groups.getLast().add(sequence);
    }
    return groups;
  }

  private static int negativeLength(TrainingSequence sequence) {
    return -sequence.tokens().length;
  }

  static Batch of(
      PtNDManager manager,
      RotaryTable rotary,
      int halfHead,
      List<TrainingSequence> sequences,
      Family family) {
    int count = sequences.size();
    int length = sequences.stream().mapToInt(each -> each.tokens().length).max().orElseThrow();
    int answers = sequences.stream().mapToInt(TrainingSequence::answerTokens).sum();
    long[] ids = new long[count * length];
    float[] keep = new float[count * length];
    long[] rows = new long[answers];
    long[] targets = new long[answers];
    long[] owner = new long[answers];
    ByteBuffer cos = angles(count, length, halfHead);
    ByteBuffer sin = angles(count, length, halfHead);
    int answer = 0;
    for (int i = 0; i < count; i++) {
      TrainingSequence sequence = sequences.get(i);
      int[] tokens = sequence.tokens();
      int at = i * length;
      for (int t = 0; t < tokens.length; t++) {
        ids[at + t] = tokens[t];
        keep[at + t] = 1;
      }
      for (PlacedPicture picture : sequence.pictures()) {
        for (int t = picture.start(); t < picture.start() + picture.length(); t++) {
          // The placeholder's id may lie beyond the table.
          ids[at + t] = 0;
          keep[at + t] = 0;
        }
      }
      for (int t = sequence.promptTokens(); t < tokens.length; t++, answer++) {
        rows[answer] = at + t - 1;
        targets[answer] = tokens[t];
        owner[answer] = i;
      }
      rotary.fill(
          positions(sequence, family),
          0,
          tokens.length,
          MemorySegment.ofBuffer(cos),
          MemorySegment.ofBuffer(sin),
          at);
    }
    Shape grid = new Shape(count, length);
    Shape angles = new Shape(count, 1, length, halfHead);
    return new Batch(
        List.copyOf(sequences),
        length,
        manager.create(ids, grid),
        manager.create(keep, grid),
        manager.create(cos, angles, DataType.FLOAT32),
        manager.create(sin, angles, DataType.FLOAT32),
        manager.create(rows),
        manager.create(targets),
        manager.create(owner));
  }

  private static ByteBuffer angles(int count, int length, int halfHead) {
    int bytes = Math.multiplyExact(Math.multiplyExact(count, length), halfHead * Float.BYTES);
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /** Text counts upward behind the prompt's pictures, in the answer too. */
  private static RopePositions positions(TrainingSequence sequence, Family family) {
    int length = sequence.tokens().length;
    return switch (family) {
      case LLAVA_ONEVISION, LLAVA_NEXT, LLAVA -> RopePositions.sequential(length);
      case QWEN2_5_VL -> {
        List<Prompt.ImageSpan> spans = new ArrayList<>();
        List<GridShape> grids = new ArrayList<>();
        for (PlacedPicture picture : sequence.pictures()) {
          spans.add(new Prompt.ImageSpan(picture.start(), picture.length(), spans.size()));
          grids.add(picture.grid());
        }
        yield RopePositions.gridded(length, spans, grids);
      }
    };
  }

  int answers() {
    return Math.toIntExact(rows.size());
  }
}
