package io.trimtab.study.gate;

import io.trimtab.model.BundledModel;
import io.trimtab.study.lab.CandidateData;
import io.trimtab.study.lab.TrainingSetup;
import io.trimtab.world.Skill;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * A candidate whose worth is known before the gate sees it.
 *
 * @param name of its own
 * @param worth what the gate should find
 * @param fault what was done to it; for a sound one, what it learned
 * @param model a {@linkplain BundledModel bundled model}
 * @param skill what it is judged by
 * @param data drawn when it is asked for
 */
public record GateCandidate(
    String name,
    Worth worth,
    String fault,
    String model,
    Skill skill,
    Supplier<CandidateData> data,
    TrainingSetup setup) {
  /** Whether it may be published. */
  enum Worth {
    SOUND,
    SPOILT;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
