package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.SmallRyeConfigBuilder;
import io.trimtab.adaptation.feedback.FeedbackLimits;
import io.trimtab.adaptation.feedback.PredictionLimits;
import io.trimtab.adaptation.feedback.TriggerSettings;
import io.trimtab.adaptation.files.FileLimits;
import io.trimtab.adaptation.gate.JudgeSettings;
import io.trimtab.adaptation.governor.GovernorSettings;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.drift.WatchSettings;
import io.trimtab.engine.EngineOptions;
import io.trimtab.events.EventLimits;
import io.trimtab.tuning.job.LoraSettings;
import io.trimtab.tuning.job.RehearsalSettings;
import io.trimtab.tuning.job.TrainingSettings;
import org.junit.jupiter.api.Test;

/**
 * What the server does where nobody configures it is what the study, the benchmarks and the
 * commands in process do.
 */
class ConfiguredDefaultsTest {
  private static final TrimtabConfig CONFIG =
      new SmallRyeConfigBuilder()
          .withMapping(TrimtabConfig.class)
          .build()
          .getConfigMapping(TrimtabConfig.class);

  @Test
  void theConfigurationHasTheSameDefaultsAsTheCode() {
    assertThat(TuningWiring.training(CONFIG.tuning())).isEqualTo(TrainingSettings.defaults());
    assertThat(TuningWiring.rehearsal(CONFIG.tuning())).isEqualTo(RehearsalSettings.defaults());
    assertThat(TuningWiring.lora(CONFIG.tuning())).isEqualTo(LoraSettings.defaults());
    assertThat(TuningWiring.judging(CONFIG.gate())).isEqualTo(JudgeSettings.defaults());
    assertThat(FeedbackWiring.settings(CONFIG.kafka()).limits()).isEqualTo(EventLimits.defaults());
    assertThat(DriftWiring.watching(CONFIG.drift())).isEqualTo(WatchSettings.defaults());
    assertThat(DriftWiring.governing(CONFIG.governor())).isEqualTo(GovernorSettings.defaults());
    assertThat(TuningWiring.triggers(CONFIG.tuning())).isEqualTo(TriggerSettings.defaults());
    assertThat(FeedbackWiring.retention(CONFIG.feedback())).isEqualTo(PredictionLimits.defaults());
    assertThat(FeedbackWiring.files(CONFIG.files())).isEqualTo(FileLimits.defaults());
    assertThat(FeedbackWiring.limits(CONFIG.feedback(), CONFIG.pictures()))
        .isEqualTo(FeedbackLimits.defaults());
  }

  /** But for the caches, which have a share of this JVM's memory. */
  @Test
  void theEngineHasTheSameDefaultsToo() {
    EngineOptions usual = EngineOptions.defaults();
    EngineOptions configured = ServedEngine.options(CONFIG, AdapterLimits.defaults());
    assertThat(configured).usingRecursiveComparison().ignoringFields("caches").isEqualTo(usual);
  }
}
