package io.trimtab.tuning.job;

import io.trimtab.error.TrimtabException;

/**
 * The form of the delta, by PEFT's names.
 *
 * @param r rank, 1 to 1024
 * @param loraAlpha numerator of the scaling, above 0
 * @param useRslora whether the scaling is alpha/√r instead of alpha/r
 * @param rank whether the factors are trained, or the whole delta, factored afterwards
 */
public record LoraSettings(int r, float loraAlpha, boolean useRslora, Rank rank) {
  /** What is trained. */
  public enum Rank {
    /** A and B. */
    LOW,
    /** The delta as a full matrix, factored by SVD to rank r at the end: for the study alone. */
    FULL
  }

  public LoraSettings {
    require(r >= 1 && r <= 1024, "r", r, "1 to 1024");
    require(loraAlpha > 0, "lora-alpha", loraAlpha, "above 0");
  }

  /** Rank 16, served at twice the product of its factors. */
  public static LoraSettings defaults() {
    return new LoraSettings(16, 32, false, Rank.LOW);
  }

  /** What B·A is multiplied with. */
  public float scaling() {
    return (float) (useRslora ? loraAlpha / Math.sqrt(r) : loraAlpha / r);
  }

  private static void require(boolean holds, String field, Object value, String expected) {
    if (!holds) {
      throw TrimtabException.invalid(
          "trimtab.tuning.%s is %s, expected %s".formatted(field, value, expected));
    }
  }
}
