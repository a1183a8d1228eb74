package io.trimtab.adapter.peft;

import io.trimtab.tensor.Tensor;
import java.util.OptionalLong;

/**
 * How large a tensor's values are.
 *
 * @param largest largest magnitude of all; infinite or NaN where a value is
 * @param notFinite row-major index of the first value that is infinite or NaN
 */
record FloatRange(float largest, OptionalLong notFinite) {
  private static final int MAGNITUDE = 0x7fff_ffff;
  private static final int INFINITE = 0x7f80_0000;

  static FloatRange of(Tensor tensor, FloatPieces pieces) {
    Search search = new Search();
    pieces.each(tensor, search::read);
    return new FloatRange(Float.intBitsToFloat(search.largest), search.notFinite);
  }

  private static final class Search {
    private int largest;
    private OptionalLong notFinite = OptionalLong.empty();

    private void read(int[] bits, int count, long first) {
      // Without their sign, floats compare as their bits do; infinity and NaN come last.
      int max = 0;
      for (int i = 0; i < count; i++) {
        max = Math.max(max, bits[i] & MAGNITUDE);
      }
      largest = Math.max(largest, max);
      if (max >= INFINITE && notFinite.isEmpty()) {
        int i = 0;
        while ((bits[i] & MAGNITUDE) < INFINITE) {
          i++;
        }
        notFinite = OptionalLong.of(first + i);
      }
    }
  }
}
