package io.trimtab.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WorldTest {
  @Test
  void aSeedDrawsTheSameAgainAndALongerCallBeginsLikeAShorterOne() {
    assertThat(World.heldOut(1, 20).subList(0, 10)).isEqualTo(World.heldOut(1, 10));
    assertThat(World.skillExamples(Skill.CLOCK, 1, 6).subList(0, 3))
        .isEqualTo(World.skillExamples(Skill.CLOCK, 1, 3));
    assertThat(World.noise(1, 2)).isEqualTo(World.noise(1, 2));
  }

  @Test
  void seedsKindsAndSkillsShareNoPicture() {
    Set<ByteBuffer> pictures = new HashSet<>();
    for (long seed : new long[] {0, 1, 2, -1, Long.MIN_VALUE}) {
      keep(pictures, World.heldOut(seed, 30));
      keep(pictures, World.noise(seed, 2));
      for (Skill skill : Skill.values()) {
        keep(pictures, World.skillExamples(skill, seed, 10));
      }
    }
    assertThat(pictures).hasSize(5 * (30 + 2 + 5 * 10));
  }

  private static void keep(Set<ByteBuffer> pictures, List<Drawing> drawings) {
    drawings.forEach(drawing -> pictures.add(ByteBuffer.wrap(drawing.png())));
  }

  @Test
  void picturesAre96PixelsWideAndHigh() throws IOException {
    for (Drawing drawing : World.heldOut(3, 20)) {
      BufferedImage image = ImageIO.read(new ByteArrayInputStream(drawing.png()));
      assertThat(List.of(image.getWidth(), image.getHeight())).containsExactly(96, 96);
    }
  }

  @Test
  void everyKnownTaskIsAskedAndNoSkillIs() {
    Map<String, Long> tasks =
        World.heldOut(3, 300).stream()
            .flatMap(drawing -> drawing.questions().stream())
            .collect(Collectors.groupingBy(Question::task, Collectors.counting()));
    assertThat(tasks.keySet())
        .containsExactlyInAnyOrder(
            "amount",
            "background",
            "caption",
            "color",
            "digit",
            "exists",
            "hand",
            "kind",
            "letter",
            "level",
            "part",
            "position",
            "read",
            "rim",
            "say",
            "shape",
            "signcolor",
            "size");
    assertThat(tasks.get("caption")).isEqualTo(300);
    assertThat(tasks.get("say")).isBetween(120L, 180L);
  }

  @ParameterizedTest
  @EnumSource(Skill.class)
  void aSkillAsksOneQuestionOfEachPictureAndUsesAllItsAnswers(Skill skill) {
    List<Drawing> examples = World.skillExamples(skill, 7, 250);
    Function<Skill, Integer> answers =
        of ->
            switch (of) {
              case COUNT -> 9;
              case CLOCK -> 100;
              case SPECIES -> 14;
              case NUMBER -> 200;
              case GAUGE -> 11;
            };
    assertThat(examples)
        .allSatisfy(
            drawing ->
                assertThat(drawing.questions())
                    .extracting(Question::task)
                    .containsOnly(skill.task()));
    assertThat(
            examples.stream()
                .map(drawing -> drawing.questions().getFirst().answer())
                .distinct()
                .count())
        .isGreaterThanOrEqualTo(answers.apply(skill));
  }

  @Test
  void askingLeavesTheFirstQuestions() {
    Drawing drawing = World.heldOut(1, 1).getFirst();
    assertThat(drawing.asking(2).questions()).isEqualTo(drawing.questions().subList(0, 2));
    assertThat(drawing.asking(99)).isEqualTo(drawing);
  }

  @Test
  void skillsAreFoundByName() {
    assertThat(Skill.tasks()).containsExactly("count", "clock", "species", "number", "gauge");
    assertThat(Skill.of("gauge")).isEqualTo(Skill.GAUGE);
    assertThatThrownBy(() -> Skill.of("Gauge")).hasMessageContaining("count, clock, species");
  }
}
