package io.trimtab.adaptation.gate;

import io.trimtab.error.TrimtabException;
import java.util.List;

/**
 * What candidates are judged by.
 *
 * @param scales to try, falling, each above 0 and at most 1; the first is the whole delta
 */
public record JudgeSettings(GateLimits limits, List<Float> scales) {
  public JudgeSettings {
    scales = List.copyOf(scales);
    float before = Float.MAX_VALUE;
    for (float scale : scales) {
      if (!(scale > 0 && scale <= 1 && scale < before)) {
        throw TrimtabException.invalid(
            "trimtab.gate.scales is %s, expected falling ones above 0 and at most 1"
                .formatted(scales));
      }
      before = scale;
    }
    if (scales.isEmpty()) {
      throw TrimtabException.invalid("trimtab.gate.scales is empty, expected at least one scale");
    }
  }

  /**
   * The whole delta, then closer to base, but not by much: a fault that is only diluted passes at a
   * scale that is small enough, when most of what was learned is gone as well.
   */
  public static JudgeSettings defaults() {
    return new JudgeSettings(GateLimits.defaults(), List.of(1f, 0.85f, 0.7f));
  }
}
