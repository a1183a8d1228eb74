package io.trimtab.model;

import io.trimtab.tensor.Floats;

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

  /** The frequency as it is kept. */
  public abstract float kept(float frequency);
}
