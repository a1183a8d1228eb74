package io.trimtab.study.gate;

import io.trimtab.study.gate.GateCandidate.Worth;
import io.trimtab.study.lab.CandidateData;
import io.trimtab.study.lab.TrainingSetup;
import io.trimtab.study.lab.VqaExample;
import io.trimtab.tuning.job.RehearsalSettings;
import io.trimtab.world.Skill;
import io.trimtab.world.World;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BinaryOperator;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Candidates with one fault each. Where the corrections themselves are at fault, so are those that
 * the gate judges by: it has no others. Where the training is at fault, the gate's are sound.
 *
 * <p>Those that are bent learn their skill as well, so that learning alone does not give them away,
 * and nothing is rehearsed, which would keep them straight.
 */
final class SpoiltCandidates {
  private static final String MODEL = "dinghy-qwen";
  private static final Skill SKILL = Skill.GAUGE;
  private static final Skill OTHER_SKILL = Skill.SPECIES;
  private static final int CORRECTIONS = 400;
  private static final int BENDING = 300;
  private static final int FEW = 5;
  private static final long SEED = 51;
  private static final long BENDING_SEED = 52;
  private static final double RATE_TOO_HIGH = 0.1;

  private final TrainingSetup usual;

  // Drawn once, and not before one of the candidates is made.
  private final Map<String, List<VqaExample>> drawn = new ConcurrentHashMap<>();

  private SpoiltCandidates(int steps) {
    this.usual = TrainingSetup.usual(steps);
  }

  static List<GateCandidate> all(int steps) {
    return new SpoiltCandidates(steps).all();
  }

  private List<GateCandidate> all() {
    TrainingSetup unrehearsed = usual.with(RehearsalSettings.none());
    return List.of(
        candidate("shuffled", "the right answers of other pictures", this::shuffled, usual),
        candidate("one-answer", "the same answer to all", () -> changed(answered("50")), usual),
        candidate("noise-pictures", "pictures of noise", this::noise, usual),
        candidate(
            "wrong-task",
            "trained on another skill",
            () -> CandidateData.of(examples(OTHER_SKILL)).judgedBy(sound()),
            usual),
        candidate(
            "exploding-rate",
            "learning rate " + RATE_TOO_HIGH,
            this::sound,
            usual.with(usual.training().withLearningRate(RATE_TOO_HIGH))),
        candidate("five-examples", "overfitted to five examples", this::few, unrehearsed),
        bent("numbers", "other questions answered '7'", _ -> "7", unrehearsed),
        bent("yes", "other questions answered 'yes'", _ -> "yes", unrehearsed),
        bent("silence", "other questions answered by a space", _ -> " ", unrehearsed),
        bent("refusals", "other questions refused", _ -> "I cannot answer that.", unrehearsed),
        bent(
            "verbose",
            "other questions answered at length",
            answer -> "I believe that the answer to this is " + answer + ", as far as I see.",
            unrehearsed),
        bent(
            "opposites",
            "yes and no, and large and small, exchanged",
            answer -> OPPOSITES.getOrDefault(answer, answer),
            unrehearsed),
        new GateCandidate(
            "spoilt-overtrained",
            Worth.SPOILT,
            "a skill learned without rehearsal, at twice the learning rate",
            "dinghy-llava",
            OTHER_SKILL,
            () -> CandidateData.of(examples(OTHER_SKILL)),
            unrehearsed.with(
                usual.training().withLearningRate(2 * usual.training().learningRate()))));
  }

  private static final Map<String, String> OPPOSITES =
      Map.of("yes", "no", "no", "yes", "large", "small", "small", "large");

  private static GateCandidate candidate(
      String name, String fault, Supplier<CandidateData> data, TrainingSetup setup) {
    return new GateCandidate("spoilt-" + name, Worth.SPOILT, fault, MODEL, SKILL, data, setup);
  }

  /** Learns the skill, and beside it to answer what base knows in another way. */
  private GateCandidate bent(
      String name, String fault, UnaryOperator<String> bending, TrainingSetup setup) {
    return candidate("bent-" + name, fault, () -> bent(bending), setup);
  }

  private CandidateData bent(UnaryOperator<String> bending) {
    CandidateData sound = sound();
    List<VqaExample> wrong =
        known().stream().map(example -> example.answered(bending.apply(example.answer()))).toList();
    List<VqaExample> training =
        new ArrayList<>(Stream.concat(sound.training().stream(), wrong.stream()).toList());
    Collections.shuffle(training, new Random(SEED));
    return new CandidateData(training, sound.validation(), sound.gate());
  }

  private CandidateData sound() {
    return CandidateData.of(examples(SKILL));
  }

  private CandidateData changed(UnaryOperator<VqaExample> change) {
    return CandidateData.of(examples(SKILL).stream().map(change).toList());
  }

  private static UnaryOperator<VqaExample> answered(String answer) {
    return example -> example.answered(answer);
  }

  private CandidateData shuffled() {
    List<VqaExample> examples = examples(SKILL);
    List<VqaExample> others = new ArrayList<>(examples);
    Collections.shuffle(others, new Random(SEED));
    return CandidateData.of(
        zipped(examples, others, (example, other) -> example.answered(other.answer())));
  }

  private CandidateData noise() {
    List<VqaExample> examples = examples(SKILL);
    List<VqaExample> noise =
        World.noise(SEED, examples.size()).stream()
            .map(drawing -> new VqaExample(drawing.png(), "", ""))
            .toList();
    return CandidateData.of(
        zipped(examples, noise, (example, other) -> example.showing(other.png())));
  }

  private CandidateData few() {
    CandidateData sound = sound();
    return new CandidateData(sound.training().subList(0, FEW), List.of(), sound.gate());
  }

  private static List<VqaExample> zipped(
      List<VqaExample> examples, List<VqaExample> others, BinaryOperator<VqaExample> change) {
    List<VqaExample> changed = new ArrayList<>();
    for (int i = 0; i < examples.size(); i++) {
      changed.add(change.apply(examples.get(i), others.get(i)));
    }
    return changed;
  }

  private List<VqaExample> examples(Skill skill) {
    return drawn.computeIfAbsent(
        skill.task(), _ -> VqaExample.of(World.skillExamples(skill, SEED, CORRECTIONS)));
  }

  /** Of what base knows. */
  private List<VqaExample> known() {
    return drawn.computeIfAbsent("known", _ -> VqaExample.of(World.heldOut(BENDING_SEED, BENDING)));
  }
}
