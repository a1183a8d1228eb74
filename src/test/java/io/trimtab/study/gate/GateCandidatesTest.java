package io.trimtab.study.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.model.BundledModel;
import io.trimtab.study.gate.GateCandidate.Worth;
import io.trimtab.study.lab.Lesson;
import io.trimtab.study.lab.Material;
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
  private static final Map<Skill, List<List<Lesson>>> RIGHT =
      Map.of(Skill.SPECIES, drawn(Skill.SPECIES), Skill.GAUGE, drawn(Skill.GAUGE));

  private static List<List<Lesson>> drawn(Skill skill) {
    return Stream.of(41, 42).map(seed -> Lesson.of(World.skillExamples(skill, seed, 400))).toList();
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
    Material material = candidate.material().get();
    Set<String> trained = new HashSet<>(pictures(material.training()));
    trained.addAll(pictures(material.validation()));

    assertThat(pictures(material.gate())).isNotEmpty().doesNotContainAnyElementsOf(trained);
    assertThat(material.training()).isNotEmpty();
  }

  static List<GateCandidate> sound() {
    return ALL.stream().filter(candidate -> candidate.worth() == Worth.SOUND).toList();
  }

  @ParameterizedTest
  @MethodSource("sound")
  void soundOnesAreTaughtWhatIsRight(GateCandidate candidate) {
    Set<String> right = new HashSet<>();
    for (int seed = 41; seed <= 42; seed++) {
      for (Lesson lesson : Objects.requireNonNull(RIGHT.get(candidate.skill())).get(seed - 41)) {
        right.add(picture(lesson) + lesson.answer());
      }
    }
    Material material = candidate.material().get();
    assertThat(Stream.concat(material.training().stream(), material.gate().stream()))
        .allMatch(lesson -> right.contains(picture(lesson) + lesson.answer()));
  }

  @Test
  void eachFaultIsThere() {
    List<Lesson> right = Lesson.of(World.skillExamples(Skill.GAUGE, 51, 400));

    List<Lesson> shuffled = lessons("spoilt-shuffled");
    assertThat(agreeing(shuffled, right)).isLessThan(0.2);
    assertThat(answers(shuffled)).isSubsetOf(answers(right));

    assertThat(answers(lessons("spoilt-one-answer"))).containsExactly("50");
    assertThat(pictures(lessons("spoilt-noise-pictures")))
        .doesNotContainAnyElementsOf(pictures(right));
    assertThat(named("spoilt-five-examples").material().get().training()).hasSize(5);
    assertThat(answers(named("spoilt-wrong-task").material().get().training())).contains("wren");
    assertThat(answers(named("spoilt-wrong-task").material().get().gate()))
        .isSubsetOf(answers(right));
    assertThat(named("spoilt-exploding-rate").schooling().training().learningRate())
        .isGreaterThan(0.05);
  }

  @Test
  void bentOnesLearnTheirSkillAndAreBentBesides() {
    List<Lesson> right = Lesson.of(World.skillExamples(Skill.GAUGE, 51, 400));
    List<Lesson> base = Lesson.of(World.heldOut(52, 300));
    for (String bend : List.of("numbers", "yes", "silence", "refusals", "verbose", "opposites")) {
      Material material = named("spoilt-bent-" + bend).material().get();
      Set<String> sound = pictures(right);
      List<Lesson> bent =
          material.training().stream().filter(l -> !sound.contains(picture(l))).toList();

      assertThat(bent).as(bend).hasSize(300);
      assertThat(material.training()).as(bend).hasSize(600);
      Set<String> truth = new HashSet<>();
      base.forEach(lesson -> truth.add(picture(lesson) + lesson.answer()));
      long wrong = bent.stream().filter(l -> !truth.contains(picture(l) + l.answer())).count();
      assertThat(wrong).as(bend).isGreaterThan(25);
    }
  }

  private static GateCandidate named(String name) {
    return Objects.requireNonNull(BY_NAME.get(name), name);
  }

  private static List<Lesson> lessons(String name) {
    Material material = named(name).material().get();
    List<Lesson> lessons = new ArrayList<>(material.training());
    lessons.addAll(material.validation());
    lessons.addAll(material.gate());
    return lessons;
  }

  private static double agreeing(List<Lesson> some, List<Lesson> others) {
    int same = 0;
    for (int i = 0; i < some.size(); i++) {
      same += some.get(i).answer().equals(others.get(i).answer()) ? 1 : 0;
    }
    return (double) same / some.size();
  }

  private static Set<String> answers(List<Lesson> lessons) {
    return lessons.stream().map(Lesson::answer).collect(Collectors.toSet());
  }

  private static Set<String> pictures(List<Lesson> lessons) {
    return lessons.stream().map(GateCandidatesTest::picture).collect(Collectors.toSet());
  }

  private static String picture(Lesson lesson) {
    return Integer.toHexString(Arrays.hashCode(lesson.png()));
  }
}
