package io.trimtab.study.report;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * One draw of the bootstrap: questions of a set, and seeds, drawn with replacement. The same
 * questions for all that were asked them, so that differences between recipes are paired. The draw
 * of number {@link #ASKED} takes each as it is.
 */
final class Resample {
  /** What was seen itself. */
  static final int ASKED = -1;

  private final int draw;
  private final Map<String, int[]> drawn = new HashMap<>();

  Resample(int draw) {
    this.draw = draw;
  }

  /**
   * Places in a set of so many.
   *
   * @param set its name; of the same name, the same places
   */
  int[] places(String set, int count) {
    return drawn.computeIfAbsent(set + "/" + count, key -> places(key, count, draw));
  }

  private static int[] places(String key, int count, int draw) {
    int[] places = new int[count];
    SplittableRandom random = new SplittableRandom(31L * key.hashCode() + draw);
    for (int i = 0; i < count; i++) {
      places[i] = draw == ASKED ? i : random.nextInt(count);
    }
    return places;
  }
}
