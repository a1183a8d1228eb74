package io.trimtab.study.plan;

import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.job.RehearsalSettings;
import io.trimtab.tuning.job.StageSettings;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** What keeps a sequence from forgetting. */
public enum Variant {
  /** Nothing does. */
  PLAIN("plain"),
  /** Half of each batch are questions that base answers, as a server has it. */
  REHEARSAL("rehearsal"),
  /** Beside the cross-entropy the KL to the model at the start of the stage, at temperature 2. */
  LWF("lwf"),
  /** Half of what a stage changed is taken. */
  WISE_FT("wise-ft"),
  /**
   * As a server does it: rehearsal, its learning rate, stopping by validation, and the gate; a
   * stage that it refuses is not taken.
   */
  GATED("gated");

  private static final double LWF_WEIGHT = 1;
  private static final double LWF_TEMPERATURE = 2;
  private static final double WISE_SHARE = 0.5;

  private final String wireName;

  Variant(String wireName) {
    this.wireName = wireName;
  }

  public static Variant of(String wireName) {
    return Arrays.stream(values())
        .filter(variant -> variant.wireName.equals(wireName))
        .findFirst()
        .orElseThrow(
            () ->
                TrimtabException.invalid(
                    "There is no variant '%s', expected one of %s".formatted(wireName, names())));
  }

  private static String names() {
    return Arrays.stream(values()).map(Variant::toString).collect(Collectors.joining(", "));
  }

  RehearsalSettings rehearsal() {
    return switch (this) {
      case REHEARSAL, GATED -> RehearsalSettings.defaults();
      case PLAIN, LWF, WISE_FT -> RehearsalSettings.none();
    };
  }

  /**
   * @param deltaSteps updates after which the delta is looked at
   */
  StageSettings stage(List<Integer> deltaSteps) {
    return switch (this) {
      case PLAIN, REHEARSAL, GATED -> new StageSettings(0, LWF_TEMPERATURE, 1, deltaSteps);
      case LWF -> new StageSettings(LWF_WEIGHT, LWF_TEMPERATURE, 1, deltaSteps);
      case WISE_FT -> new StageSettings(0, LWF_TEMPERATURE, WISE_SHARE, deltaSteps);
    };
  }

  @Override
  public String toString() {
    return wireName;
  }
}
