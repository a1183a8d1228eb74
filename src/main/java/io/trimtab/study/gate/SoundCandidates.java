package io.trimtab.study.gate;

import io.trimtab.study.gate.GateCandidate.Worth;
import io.trimtab.study.lab.CandidateData;
import io.trimtab.study.lab.TrainingSetup;
import io.trimtab.study.lab.VqaExample;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.world.Skill;
import io.trimtab.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Twelve candidates with nothing wrong: right corrections, trained as the server trains. Only
 * skills that the bundled models can learn well in one job are among them; one that is learned to a
 * quarter is rightly refused, whatever made it.
 */
public final class SoundCandidates {
  private static final int CORRECTIONS = 400;
  private static final List<Skill> SKILLS = List.of(Skill.SPECIES, Skill.GAUGE);
  private static final int SEEDS = 2;
  private static final long FIRST_SEED = 40;

  // Drawn once, and not before one of the candidates is made.
  private final Map<String, CandidateData> drawn = new ConcurrentHashMap<>();

  private SoundCandidates() {}

  public static List<GateCandidate> all(int steps) {
    return new SoundCandidates().of(steps);
  }

  private List<GateCandidate> of(int steps) {
    List<GateCandidate> all = new ArrayList<>();
    for (String model : List.of("dinghy-qwen", "dinghy-llava")) {
      for (Skill skill : SKILLS) {
        for (int seed = 1; seed <= SEEDS; seed++) {
          all.add(candidate(model, skill, seed, TrainingSetup.usual(steps)));
        }
        all.add(candidate(model, skill, 1, TrainingSetup.usual(steps).with(Recipe.GATE_UP)));
      }
    }
    return all;
  }

  private GateCandidate candidate(String model, Skill skill, int seed, TrainingSetup setup) {
    return new GateCandidate(
        "sound-%s-%s-%s-%d".formatted(model, skill.task(), setup.recipe().wireName(), seed),
        Worth.SOUND,
        "nothing",
        model,
        skill,
        () -> data(skill, FIRST_SEED + seed),
        setup.with(setup.training().withSeed(seed)));
  }

  private CandidateData data(Skill skill, long seed) {
    return drawn.computeIfAbsent(
        skill.task() + seed,
        _ -> CandidateData.of(VqaExample.of(World.skillExamples(skill, seed, CORRECTIONS))));
  }
}
