package io.trimtab.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RotaryFrequenciesTest {
  @Test
  void float32KeepsAFrequencyAndBfloat16RoundsIt() {
    float frequency = 0.4216965f;
    assertThat(RotaryFrequencies.FLOAT32.kept(frequency)).isEqualTo(frequency);
    // Eight significant bits: 0x1.afp-2 lies nearest.
    assertThat(RotaryFrequencies.BFLOAT16.kept(frequency)).isEqualTo(0x1.bp-2f);
    assertThat(RotaryFrequencies.BFLOAT16.kept(1)).isEqualTo(1);
  }
}
