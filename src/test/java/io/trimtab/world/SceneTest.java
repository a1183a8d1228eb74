package io.trimtab.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SceneTest {
  private final Dice dice = Dice.of(1, 0);

  @Test
  void aClockTellsItsTimeAndWhereItsHandsPoint() {
    Clock clock = new Clock(Ground.WHITE, Ink.ORANGE, 48, 48, 40, 0, 45);
    assertThat(clock.skillQuestion(dice).answer()).isEqualTo("12:45");
    assertThat(answers(clock, "hand")).containsExactly("left", "up");
    assertThat(answers(clock, "caption")).containsExactly("an orange clock on a white background.");
  }

  @Test
  void aGaugeTurnsThreeQuartersOfACircle() {
    assertThat(gauge(0)).containsExactly("0", "down left", "low");
    assertThat(gauge(50)).containsExactly("50", "up", "middle");
    assertThat(gauge(100)).containsExactly("100", "down right", "high");
  }

  private List<String> gauge(int value) {
    Gauge gauge = new Gauge(Ground.NAVY, Ink.RED, 48, 56, 36, value);
    return List.of(
        gauge.skillQuestion(dice).answer(),
        answers(gauge, "hand").getFirst(),
        answers(gauge, "level").getFirst());
  }

  @Test
  void aBirdIsToldByItsParts() {
    Bird bird = new Bird(Ground.GRAY, Species.CRANE, -1, 48, 50, 1);
    assertThat(bird.skillQuestion(dice).answer()).isEqualTo("crane");
    assertThat(answers(bird, "part")).containsExactly("cyan", "blue", "yes", "long");
    assertThat(answers(bird, "caption"))
        .containsExactly("a cyan bird with blue wings on a gray background.");
  }

  @Test
  void aPlatesDigitsAreAskedForInWords() {
    Plate plate = new Plate(Ground.BEIGE, Ink.CYAN, 48, 48, "777");
    assertThat(plate.skillQuestion(dice).answer()).isEqualTo("777");
    assertThat(answers(plate, "digit")).containsExactly("seven", "seven");
  }

  /** The world's gray carries no cyan, its navy neither black nor blue. */
  @Test
  void noThingIsDrawnInAColorThatItsGroundHides() {
    assertThat(Ground.GRAY.inks()).hasSize(7).doesNotContain(Ink.CYAN);
    assertThat(Ground.NAVY.inks()).hasSize(6).doesNotContain(Ink.BLACK, Ink.BLUE);
  }

  private List<String> answers(Scene scene, String task) {
    return scene.questions(dice).stream()
        .filter(question -> question.task().equals(task))
        .map(Question::answer)
        .toList();
  }
}
