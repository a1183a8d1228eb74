package io.trimtab.model;

import io.trimtab.error.TrimtabException;
import io.trimtab.tensor.Floats;
import java.util.Locale;

/**
 * In what numbers the rotary embedding's frequencies are kept. transformers computes them in
 * float32 and leaves them so when a checkpoint is loaded; a model that was cast as a whole ({@code
 * model.to(bfloat16)}) has them rounded, for good, and gives other log-probabilities by up to 1e-2.
 */
public enum RotaryFrequencies {
  FLOAT32 {
    @Override
    public float kept(float frequency) {
      return frequency;
    }
  },
  BFLOAT16 {
    @Override
    public float kept(float frequency) {
      return Floats.fromBf16(Floats.toBf16(frequency));
    }
  };

  /** The choice of that name in configuration: {@code float32} or {@code bfloat16}. */
  public static RotaryFrequencies of(String wireName) {
    for (RotaryFrequencies frequencies : values()) {
      if (frequencies.name().toLowerCase(Locale.ROOT).equals(wireName)) {
        return frequencies;
      }
    }
    throw TrimtabException.invalid(
        "The rotary frequencies are '%s', expected float32 or bfloat16".formatted(wireName));
  }

  /** The frequency as it is kept. */
  public abstract float kept(float frequency);
}
