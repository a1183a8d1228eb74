package io.trimtab.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class UniformSequenceTest {
  @Test
  void isTheSequenceOfSplittableRandom() {
    for (long seed : new long[] {0, 1, -1, 42, Long.MIN_VALUE}) {
      SplittableRandom reference = new SplittableRandom(seed);
      UniformSequence uniforms = new UniformSequence(seed);
      for (int place = 0; place < 100; place++) {
        assertThat(uniforms.at(place)).isEqualTo((reference.nextLong() >>> 11) * 0x1.0p-53);
      }
    }
  }
}
