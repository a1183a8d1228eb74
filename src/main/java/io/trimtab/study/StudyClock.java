package io.trimtab.study;

import io.trimtab.study.plan.StageRecord;
import io.trimtab.study.plan.StudyRun;
import io.trimtab.study.plan.StudyScale;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How long the stages of a study take: by those of the same model, form and variant that were
 * measured; else by those of the same model; else by what one core was measured to take.
 */
final class StudyClock {
  /** 450 updates of 16 on one core, as the world's description has them, and the measurements. */
  private static final double SECONDS_PER_STEP_QWEN = 0.27;

  private static final double SECONDS_PER_STEP_LLAVA = 0.42;
  private static final double SECONDS_OF_MEASURING = 30;

  private final StudyScale scale;
  private final Map<String, double[]> measured = new HashMap<>();

  StudyClock(StudyScale scale, List<StageRecord> records) {
    this.scale = scale;
    records.forEach(this::add);
  }

  /** One more was measured. */
  void add(StageRecord record) {
    add(record.model() + record.form() + record.variant(), record.seconds());
    add(record.model(), record.seconds());
  }

  private void add(String key, double seconds) {
    double[] sum = measured.computeIfAbsent(key, _ -> new double[2]);
    sum[0] += seconds;
    sum[1]++;
  }

  /** One stage of a run. */
  double stageSeconds(StudyRun run) {
    double[] same = measured.get(run.model() + run.form() + run.variant());
    double[] any = same == null ? measured.get(run.model()) : same;
    if (any != null) {
      return any[0] / any[1];
    }
    double step = run.model().contains("llava") ? SECONDS_PER_STEP_LLAVA : SECONDS_PER_STEP_QWEN;
    return step * scale.steps() + SECONDS_OF_MEASURING;
  }

  /** Hours and minutes. */
  static String text(double seconds) {
    Duration duration = Duration.ofSeconds(Math.round(seconds));
    return duration.toHours() > 0
        ? "%d h %02d min".formatted(duration.toHours(), duration.toMinutesPart())
        : "%d min %02d s".formatted(duration.toMinutes(), duration.toSecondsPart());
  }
}
