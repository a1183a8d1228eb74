package io.trimtab.study.drift;

import io.trimtab.study.drift.DriftStream.Kind;
import io.trimtab.study.drift.DriftStream.Stage;
import io.trimtab.study.gate.GateCandidate;
import io.trimtab.study.gate.SoundCandidates;
import io.trimtab.world.Light;
import io.trimtab.world.Skill;
import java.util.ArrayList;
import java.util.List;

/**
 * The streams of the study. Calm ones: each sound candidate that the gate let through, with a mix
 * of questions that changes, and with pictures that change half-way as well. Drifting ones: a sound
 * candidate, and from request {@value #ONSET} on one that is not.
 */
final class DriftStreams {
  /** Updates that the candidates were trained with: as many as the server trains. */
  static final int STEPS = 450;

  static final int LENGTH = 5_000;
  static final int ONSET = 500;
  private static final int LEAK = 2_000;
  private static final int LEAK_STAGES = 20;
  private static final String QWEN_REFERENCE = "sound-dinghy-qwen-gauge-sa-proj-1";
  private static final String LLAVA_REFERENCE = "sound-dinghy-llava-species-sa-proj-1";

  private DriftStreams() {}

  static List<DriftStream> all() {
    List<DriftStream> all = new ArrayList<>();
    long seed = 1;
    for (GateCandidate candidate : SoundCandidates.all(STEPS)) {
      all.add(calm(candidate, "mix", "the mix of questions changes", List.of(Light.USUAL), seed++));
      all.add(
          calm(
              candidate,
              "light",
              "mix and pictures change",
              List.of(Light.USUAL, Light.POOR),
              seed++));
    }
    for (String bent : List.of("numbers", "yes", "silence", "refusals", "verbose", "opposites")) {
      all.add(
          qwen(
              bent,
              "bent towards " + bent,
              List.of(new Stage(ONSET, "spoilt-bent-" + bent, 1)),
              seed++));
    }
    all.add(
        llava(
            "overtrained",
            "an overtrained delta at once",
            List.of(new Stage(ONSET, "spoilt-overtrained", 1)),
            seed++));
    all.add(
        llava(
            "overtrained-in-steps",
            "an overtrained delta at 0.25, 0.5, 0.75 and 1, 500 requests each",
            List.of(
                new Stage(ONSET, "spoilt-overtrained", 0.25f),
                new Stage(ONSET + 500, "spoilt-overtrained", 0.5f),
                new Stage(ONSET + 1000, "spoilt-overtrained", 0.75f),
                new Stage(ONSET + 1500, "spoilt-overtrained", 1)),
            seed++));
    all.add(
        qwen(
            "leak",
            "bent towards numbers, from 0 to 1 over 2,000 requests",
            leak("spoilt-bent-numbers"),
            seed));
    return all;
  }

  private static List<Stage> leak(String candidate) {
    List<Stage> stages = new ArrayList<>();
    for (int i = 1; i <= LEAK_STAGES; i++) {
      stages.add(
          new Stage(ONSET + (i - 1) * LEAK / LEAK_STAGES, candidate, (float) i / LEAK_STAGES));
    }
    return stages;
  }

  private static DriftStream calm(
      GateCandidate candidate, String mode, String what, List<Light> lights, long seed) {
    return new DriftStream(
        "calm-%s-%s".formatted(mode, candidate.name().substring("sound-".length())),
        Kind.CALM,
        what,
        candidate.model(),
        candidate.skill(),
        candidate.name(),
        seed,
        lights,
        List.of(new Stage(0, candidate.name(), 0)),
        LENGTH,
        LENGTH);
  }

  private static DriftStream qwen(String name, String what, List<Stage> drift, long seed) {
    return drifting(name, what, "dinghy-qwen", Skill.GAUGE, QWEN_REFERENCE, drift, seed);
  }

  private static DriftStream llava(String name, String what, List<Stage> drift, long seed) {
    return drifting(name, what, "dinghy-llava", Skill.SPECIES, LLAVA_REFERENCE, drift, seed);
  }

  private static DriftStream drifting(
      String name,
      String what,
      String model,
      Skill skill,
      String reference,
      List<Stage> drift,
      long seed) {
    List<Stage> stages = new ArrayList<>(List.of(new Stage(0, reference, 0)));
    stages.addAll(drift);
    return new DriftStream(
        "drift-" + name,
        Kind.DRIFTING,
        what,
        model,
        skill,
        reference,
        seed,
        List.of(Light.USUAL),
        stages,
        ONSET,
        LENGTH);
  }
}
