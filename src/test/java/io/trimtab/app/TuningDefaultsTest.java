package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.SmallRyeConfigBuilder;
import io.trimtab.adaptation.gate.JudgeSettings;
import io.trimtab.adaptation.governor.GovernorSettings;
import io.trimtab.drift.WatchSettings;
import io.trimtab.events.EventLimits;
import io.trimtab.tuning.job.LoraSettings;
import io.trimtab.tuning.job.RehearsalSettings;
import io.trimtab.tuning.job.TrainingSettings;
import org.junit.jupiter.api.Test;

/** What the server does where nobody configures it is what the study and the benchmarks measure. */
class TuningDefaultsTest {
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
  }
}
