package io.trimtab.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.Completion.FinishReason;
import io.trimtab.engine.api.RecordingListener;
import io.trimtab.model.RotaryFrequencies;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The bundled models answer their sample questions as transformers did. */
class SamplesTest {
  static final List<String> CHECKPOINTS = SampleQuestion.CHECKPOINTS;
  private static final OpenedEngines ENGINES = new OpenedEngines(RotaryFrequencies.FLOAT32);

  @AfterAll
  static void close() {
    ENGINES.close();
  }

  @ParameterizedTest
  @FieldSource("CHECKPOINTS")
  void everyAnswerIsThatOfTransformers(String checkpoint) {
    Engine engine = ENGINES.get(checkpoint, OpenedEngines.options(8, 512));
    List<SampleQuestion> samples = SampleQuestion.of(checkpoint);
    assertThat(samples).hasSizeGreaterThanOrEqualTo(24);
    List<RecordingListener> answers =
        samples.stream().map(sample -> sample.question().ask(engine)).toList();
    for (int i = 0; i < samples.size(); i++) {
      Completion completion = answers.get(i).completion();
      assertThat(completion.text()).as(samples.get(i).text()).isEqualTo(samples.get(i).expected());
      assertThat(completion.reason()).isEqualTo(FinishReason.STOP);
      assertThat(completion.usage().imageTokens()).isPositive();
    }
  }
}
