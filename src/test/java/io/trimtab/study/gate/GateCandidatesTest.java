package io.trimtab.study.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.model.BundledModel;
import io.trimtab.study.gate.GateCandidate.Worth;
import io.trimtab.study.lab.CandidateData;
import io.trimtab.study.lab.VqaExample;
import io.trimtab.world.Skill;
import io.trimtab.world.World;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the candidates are made of, so that the gate's verdicts mean what they seem to. */
class GateCandidatesTest {
  private static final int STEPS = 450;

  private static final List<GateCandidate> ALL =
      Stream.concat(SpoiltCandidates.all(STEPS).stream(), SoundCandidates.all(STEPS).stream())
          .toList();

  private static final Map<String, GateCandidate> BY_NAME =
      ALL.stream().collect(Collectors.toMap(GateCandidate::name, Function.identity()));

  /** The skills' examples by the two seeds of sound ones. */
  private static final Map<Skill, List<List<VqaExample>>> RIGHT =
      Map.of(Skill.SPECIES, drawn(Skill.SPECIES), Skill.GAUGE, drawn(Skill.GAUGE));

  private static List<List<VqaExample>> drawn(Skill skill) {
    return Stream.of(41, 42)
        .map(seed -> VqaExample.of(World.skillExamples(skill, seed, 400)))
        .toList();
  }

  static List<GateCandidate> all() {
    return ALL;
  }

  @Test
  void thereAreTwelveOfEachAtLeast() {
    for (Worth worth : Worth.values()) {
      assertThat(ALL.stream().filter(candidate -> candidate.worth() == worth))
          .hasSizeGreaterThanOrEqualTo(12);
    }
    assertThat(BY_NAME).hasSize(ALL.size());
    assertThat(ALL).extracting(GateCandidate::model).isSubsetOf(BundledModel.names());
  }

  @ParameterizedTest
  @MethodSource("all")
  void noPictureThatJudgesWasTrainedOn(GateCandidate candidate) {
    CandidateData data = candidate.data().get();
    Set<String> trained = new HashSet<>(pictures(data.training()));
    trained.addAll(pictures(data.validation()));

    assertThat(pictures(data.gate())).isNotEmpty().doesNotContainAnyElementsOf(trained);
    assertThat(data.training()).isNotEmpty();
  }

  static List<GateCandidate> sound() {
    return ALL.stream().filter(candidate -> candidate.worth() == Worth.SOUND).toList();
  }

  @ParameterizedTest
  @MethodSource("sound")
  void soundOnesAreTaughtWhatIsRight(GateCandidate candidate) {
    Set<String> right = new HashSet<>();
    for (int seed = 41; seed <= 42; seed++) {
      for (VqaExample example :
          Objects.requireNonNull(RIGHT.get(candidate.skill())).get(seed - 41)) {
        right.add(picture(example) + example.answer());
      }
    }
    CandidateData data = candidate.data().get();
    assertThat(Stream.concat(data.training().stream(), data.gate().stream()))
        .allMatch(example -> right.contains(picture(example) + example.answer()));
  }

  @Test
  void eachFaultIsThere() {
    List<VqaExample> right = VqaExample.of(World.skillExamples(Skill.GAUGE, 51, 400));

    List<VqaExample> shuffled = examples("spoilt-shuffled");
    assertThat(agreeing(shuffled, right)).isLessThan(0.2);
    assertThat(answers(shuffled)).isSubsetOf(answers(right));

    assertThat(answers(examples("spoilt-one-answer"))).containsExactly("50");
    assertThat(pictures(examples("spoilt-noise-pictures")))
        .doesNotContainAnyElementsOf(pictures(right));
    assertThat(named("spoilt-five-examples").data().get().training()).hasSize(5);
    assertThat(answers(named("spoilt-wrong-task").data().get().training())).contains("wren");
    assertThat(answers(named("spoilt-wrong-task").data().get().gate())).isSubsetOf(answers(right));
    assertThat(named("spoilt-exploding-rate").setup().training().learningRate())
        .isGreaterThan(0.05);
  }

  @Test
  void bentOnesLearnTheirSkillAndAreBentBesides() {
    List<VqaExample> right = VqaExample.of(World.skillExamples(Skill.GAUGE, 51, 400));
    List<VqaExample> base = VqaExample.of(World.heldOut(52, 300));
    for (String bend : List.of("numbers", "yes", "silence", "refusals", "verbose", "opposites")) {
      CandidateData data = named("spoilt-bent-" + bend).data().get();
      Set<String> sound = pictures(right);
      List<VqaExample> bent =
          data.training().stream().filter(l -> !sound.contains(picture(l))).toList();

      assertThat(bent).as(bend).hasSize(300);
      assertThat(data.training()).as(bend).hasSize(600);
      Set<String> truth = new HashSet<>();
      base.forEach(example -> truth.add(picture(example) + example.answer()));
      long wrong = bent.stream().filter(l -> !truth.contains(picture(l) + l.answer())).count();
      assertThat(wrong).as(bend).isGreaterThan(25);
    }
  }

  private static GateCandidate named(String name) {
    return Objects.requireNonNull(BY_NAME.get(name), name);
  }

  private static List<VqaExample> examples(String name) {
    CandidateData data = named(name).data().get();
    List<VqaExample> examples = new ArrayList<>(data.training());
    examples.addAll(data.validation());
    examples.addAll(data.gate());
    return examples;
  }

  private static double agreeing(List<VqaExample> some, List<VqaExample> others) {
    int same = 0;
    for (int i = 0; i < some.size(); i++) {
      same += some.get(i).answer().equals(others.get(i).answer()) ? 1 : 0;
    }
    return (double) same / some.size();
  }

  private static Set<String> answers(List<VqaExample> examples) {
    return examples.stream().map(VqaExample::answer).collect(Collectors.toSet());
  }

  private static Set<String> pictures(List<VqaExample> examples) {
    return examples.stream().map(GateCandidatesTest::picture).collect(Collectors.toSet());
  }

  private static String picture(VqaExample example) {
    return Integer.toHexString(Arrays.hashCode(example.png()));
  }
}
