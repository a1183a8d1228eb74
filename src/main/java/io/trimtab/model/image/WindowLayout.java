package io.trimtab.model.image;

import io.trimtab.model.ModelConfig;
import io.trimtab.model.RotaryFrequencies;
import java.util.Arrays;

/**
 * Qwen2.5-VL's attention windows over one picture, as index arrays for a graph that runs all
 * windows as one padded batch. Pure arithmetic, as transformers' {@code get_window_index} and
 * {@code rot_pos_emb}.
 *
 * <p>A <em>group</em> is the mergeSize² patches that become one token; groups are numbered row by
 * row and hold their patches together in {@link PatchedImage#pixels()}. <em>Window order</em> takes
 * the groups window by window. A <em>cell</em> is a place in the padded batch. The arrays are the
 * layout's own: do not write.
 *
 * @param groupOrder {@code [groups]} the group at each place of window order
 * @param groupInverse {@code [groups]} the place in window order of each group
 * @param patchOrder {@code [patches]} the row of {@code pixels} at each row of window order
 * @param windowSizes {@code [windows]} patches of each window; empty windows are left out
 * @param windowLength patches of the largest window
 * @param rowOfWindow {@code [windows * windowLength]} row, in window order, in each cell; 0 in
 *     padding
 * @param windowBias {@code [windows, 1, windowLength, windowLength]} to add to attention scores: 0,
 *     or {@link #MASKED} where the key is padding
 * @param cellOfRow {@code [patches]} the cell of each row of window order
 * @param cos {@code [patches, headDim / 2]} of the rotary angles, rows in window order
 * @param sin likewise
 */
public record WindowLayout(
    long[] groupOrder,
    long[] groupInverse,
    long[] patchOrder,
    int[] windowSizes,
    int windowLength,
    long[] rowOfWindow,
    float[] windowBias,
    long[] cellOfRow,
    float[] cos,
    float[] sin) {
  /** Added to a masked score: zero weight after softmax, and finite in half precision. */
  public static final float MASKED = -10_000;

  private static final double ROTARY_THETA = 10_000;

  /** Number of windows that are not empty. */
  public int windows() {
    return windowSizes.length;
  }

  /** Rows in all. */
  public int patches() {
    return cellOfRow.length;
  }

  public static WindowLayout of(
      PatchedImage image, ModelConfig.QwenVision vision, RotaryFrequencies kept) {
    return of(image.gridHeight(), image.gridWidth(), vision, kept);
  }

  /**
   * The layout for a picture of {@code gridHeight} by {@code gridWidth} patches, both multiples of
   * the merge size.
   */
  public static WindowLayout of(
      int gridHeight, int gridWidth, ModelConfig.QwenVision vision, RotaryFrequencies kept) {
    int merge = vision.spatialMergeSize();
    if (gridHeight < 1 || gridWidth < 1 || gridHeight % merge != 0 || gridWidth % merge != 0) {
      throw new IllegalArgumentException(
          "Expected a grid in multiples of %d patches, got %d×%d"
              .formatted(merge, gridHeight, gridWidth));
    }
    int groupRows = gridHeight / merge;
    int groupColumns = gridWidth / merge;
    int side = vision.windowSize() / merge / vision.patchSize();
    int windowRows = Math.ceilDiv(groupRows, side);
    int windowColumns = Math.ceilDiv(groupColumns, side);
    long[] groupOrder = new long[groupRows * groupColumns];
    int[] windowSizes = new int[windowRows * windowColumns];
    int place = 0;
    for (int window = 0; window < windowSizes.length; window++) {
      int top = window / windowColumns * side;
      int left = window % windowColumns * side;
      int bottom = Math.min(top + side, groupRows);
      int right = Math.min(left + side, groupColumns);
      for (int row = top; row < bottom; row++) {
        for (int column = left; column < right; column++) {
          groupOrder[place++] = (long) row * groupColumns + column;
        }
      }
      windowSizes[window] = (bottom - top) * (right - left) * merge * merge;
    }
    return of(groupOrder, windowSizes, groupColumns, vision, kept);
  }

  private static WindowLayout of(
      long[] groupOrder,
      int[] windowSizes,
      int groupColumns,
      ModelConfig.QwenVision vision,
      RotaryFrequencies kept) {
    int unit = vision.spatialMergeSize() * vision.spatialMergeSize();
    int length = Arrays.stream(windowSizes).max().orElseThrow();
    long[] inverse = new long[groupOrder.length];
    long[] patchOrder = new long[groupOrder.length * unit];
    for (int place = 0; place < groupOrder.length; place++) {
      inverse[(int) groupOrder[place]] = place;
      for (int patch = 0; patch < unit; patch++) {
        patchOrder[place * unit + patch] = groupOrder[place] * unit + patch;
      }
    }
    long[] rowOfWindow = new long[Math.multiplyExact(windowSizes.length, length)];
    long[] cellOfRow = new long[patchOrder.length];
    int row = 0;
    for (int window = 0; window < windowSizes.length; window++) {
      for (int cell = 0; cell < windowSizes[window]; cell++, row++) {
        rowOfWindow[window * length + cell] = row;
        cellOfRow[row] = (long) window * length + cell;
      }
    }
    int half = vision.hiddenSize() / vision.attentionHeads() / 2;
    float[] cos = new float[patchOrder.length * half];
    float[] sin = new float[cos.length];
    fillRotary(patchOrder, groupColumns, vision.spatialMergeSize(), half, kept, cos, sin);
    return new WindowLayout(
        groupOrder,
        inverse,
        patchOrder,
        windowSizes,
        length,
        rowOfWindow,
        bias(windowSizes, length),
        cellOfRow,
        cos,
        sin);
  }

  private static float[] bias(int[] windowSizes, int length) {
    float[] bias = new float[Math.multiplyExact(windowSizes.length * length, length)];
    for (int window = 0; window < windowSizes.length; window++) {
      for (int query = 0; query < length; query++) {
        int from = (window * length + query) * length;
        Arrays.fill(bias, from + windowSizes[window], from + length, MASKED);
      }
    }
    return bias;
  }

  /** The first half of a row's angles comes from the patch's row, the rest from its column. */
  private static void fillRotary(
      long[] patchOrder,
      int groupColumns,
      int merge,
      int half,
      RotaryFrequencies kept,
      float[] cos,
      float[] sin) {
    int perAxis = half / 2;
    float[] frequencies = new float[perAxis];
    for (int i = 0; i < perAxis; i++) {
      frequencies[i] = kept.kept(1 / (float) Math.pow(ROTARY_THETA, (float) (2 * i) / half));
    }
    for (int place = 0; place < patchOrder.length; place++) {
      int group = (int) (patchOrder[place] / (merge * merge));
      int patch = (int) (patchOrder[place] % (merge * merge));
      int row = group / groupColumns * merge + patch / merge;
      int column = group % groupColumns * merge + patch % merge;
      for (int i = 0; i < half; i++) {
        float angle = i < perAxis ? row * frequencies[i] : column * frequencies[i - perAxis];
        cos[place * half + i] = (float) Math.cos(angle);
        sin[place * half + i] = (float) Math.sin(angle);
      }
    }
  }
}
