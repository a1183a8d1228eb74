package io.trimtab.model.text;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.TextConfig;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Cosines and sines of the rotary embedding (Su et al., RoFormer, 2021), row by row.
 *
 * <p>Frequency i of headDim/2 is theta^(-2i/headDim); the row of position p holds cos and sin of p
 * times each frequency. As in transformers, frequencies and angles are rounded to float32. Of a
 * picture's token each frequency takes its position from one of three axes: the first section of
 * {@code mrope_section} from time, then height, then width (Qwen2-VL, 2024).
 *
 * <p>Rows are computed once, in blocks, when a position is first asked for. Safe for use by several
 * threads.
 */
public final class RotaryTable {
  private static final int BLOCK = 256;
  private static final List<RopePositions.Axis> AXES = List.of(RopePositions.Axis.values());

  private final int half;
  private final int positionsMax;
  private final float[] frequencies;
  private final List<Integer> sections;
  // A block holds BLOCK rows of [cos | sin], each of `half` floats. Two threads may compute the
  // same block; both results are equal.
  private final AtomicReferenceArray<float[]> blocks;

  /**
   * A table for positions 0 to {@code positionsMax} - 1.
   *
   * @param headDim width of an attention head; even
   * @param theta base of the frequencies
   * @param sections frequencies per axis (time, height, width), summing to headDim/2; empty where
   *     all axes are one
   * @param kept in what numbers the frequencies are
   */
  public RotaryTable(
      int headDim, double theta, List<Integer> sections, int positionsMax, RotaryFrequencies kept) {
    half = headDim / 2;
    int sum = sections.stream().mapToInt(Integer::intValue).sum();
    if (headDim % 2 != 0 || (!sections.isEmpty() && (sections.size() != 3 || sum != half))) {
      throw new IllegalArgumentException(
          "Expected three sections summing to half of an even head width, got %s and %d"
              .formatted(sections, headDim));
    }
    this.sections = List.copyOf(sections);
    this.positionsMax = positionsMax;
    frequencies = new float[half];
    for (int i = 0; i < half; i++) {
      float exponent = 2f * i / headDim;
      frequencies[i] = kept.kept(1f / (float) Math.pow((float) theta, exponent));
    }
    blocks = new AtomicReferenceArray<>((positionsMax + BLOCK - 1) / BLOCK);
  }

  /** The table of a model's language part. */
  public static RotaryTable of(TextConfig config, RotaryFrequencies kept) {
    return new RotaryTable(
        config.headDim(),
        config.ropeTheta(),
        config.mropeSection(),
        config.maxPositionEmbeddings(),
        kept);
  }

  /** Computes all rows below {@code positions}, so that no step has to. */
  public void prepare(int positions) {
    for (int position = 0; position < Math.min(positions, positionsMax); position += BLOCK) {
      block(position);
    }
  }

  /**
   * Writes the rows of prompt tokens {@code [from, from + count)}.
   *
   * @param cos f32 [rows, headDim/2]; written from row {@code row} on
   * @param sin likewise
   */
  public void fill(
      RopePositions positions,
      int from,
      int count,
      MemorySegment cos,
      MemorySegment sin,
      long row) {
    for (int i = 0; i < count; i++) {
      int token = from + i;
      int time = positions.at(RopePositions.Axis.TIME, token);
      if (positions.isText(token) || sections.isEmpty()) {
        copyRow(time, cos, sin, row + i);
        continue;
      }
      int first = 0;
      for (RopePositions.Axis axis : AXES) {
        int width = sections.get(axis.ordinal());
        copy(positions.at(axis, token), first, width, cos, sin, row + i);
        first += width;
      }
    }
  }

  /** Writes the row of one position that is the same on all axes: no allocation, one copy each. */
  public void copyRow(int position, MemorySegment cos, MemorySegment sin, long row) {
    copy(position, 0, half, cos, sin, row);
  }

  private void copy(
      int position, int first, int width, MemorySegment cos, MemorySegment sin, long row) {
    if (position < 0 || position >= positionsMax) {
      throw new IndexOutOfBoundsException(
          "Position %d of a table of %d".formatted(position, positionsMax));
    }
    float[] block = block(position);
    int at = (position % BLOCK) * 2 * half + first;
    long target = (row * half + first) * Float.BYTES;
    MemorySegment.copy(block, at, cos, JAVA_FLOAT_UNALIGNED, target, width);
    MemorySegment.copy(block, at + half, sin, JAVA_FLOAT_UNALIGNED, target, width);
  }

  private float[] block(int position) {
    int index = position / BLOCK;
    float[] block = blocks.get(index);
    if (block == null) {
      block = compute(index * BLOCK);
      blocks.set(index, block);
    }
    return block;
  }

  private float[] compute(int firstPosition) {
    float[] block = new float[BLOCK * 2 * half];
    for (int i = 0; i < BLOCK; i++) {
      int at = i * 2 * half;
      for (int j = 0; j < half; j++) {
        float angle = frequencies[j] * (firstPosition + i);
        block[at + j] = (float) Math.cos(angle);
        block[at + half + j] = (float) Math.sin(angle);
      }
    }
    return block;
  }
}
