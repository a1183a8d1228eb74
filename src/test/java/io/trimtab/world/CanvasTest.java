package io.trimtab.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CanvasTest {
  private static final Rgb NOTHING = new Rgb(0, 0, 0);
  private static final Rgb PAINT = new Rgb(90, 90, 90);

  private final Canvas canvas = new Canvas(NOTHING);

  /** A border of half a pixel is covered, too: a third of a unit on areas of this size. */
  @ParameterizedTest
  @CsvSource({
    "CIRCLE, 314",
    "SQUARE, 310",
    "TRIANGLE, 180",
    "STAR, 145",
    "CROSS, 226",
    "DIAMOND, 176",
    "RING, 169"
  })
  void aFigureCoversItsArea(Figure figure, double area) {
    figure.paint(canvas, 48, 48, 10, PAINT);
    assertThat(covered()).isCloseTo(area, within(.08 * area));
  }

  @ParameterizedTest
  @EnumSource(Figure.class)
  void whatLiesOutsideIsCutOff(Figure figure) {
    figure.paint(canvas, 0, 96, 10, PAINT);
    assertThat(covered()).isBetween(10.0, 200.0);
  }

  @Test
  void aLineIsAsLongAndWideAsItShouldBe() {
    canvas.line(20, 20, 50, 20, 4, PAINT);
    assertThat(covered()).isCloseTo(120, within(2.0));
    canvas.line(20, 30, 50, 70, 3, PAINT);
    // Its corners are whole pixels, which costs a slanted line up to a unit of its width.
    assertThat(covered() - 120).isCloseTo(150, within(25.0));
  }

  @Test
  void aBoxKeepsTheMeanAndAPlainPictureStaysPlainUnderEitherFilter() {
    canvas.rectangle(0, 0, 48, 96, PAINT);
    assertThat(mean(Resampling.BOX.resize(canvas.pixels(), 96))).isEqualTo(45);
    assertThat(mean(Resampling.BICUBIC.resize(canvas.pixels(), 131))).isCloseTo(45, within(.5));
    Pixels plain = new Canvas(PAINT).pixels();
    for (Resampling resampling : Resampling.values()) {
      assertThat(resampling.resize(plain, 77).samples()).containsOnly(90);
    }
    assertThat(Resampling.BICUBIC.resize(plain, plain.side())).isSameAs(plain);
  }

  @Test
  void lettersStandAroundTheirMiddle() {
    Lettering.paint(canvas, "I", 48, 48, 3, PAINT);
    // Two bars of five dots and a stem of five, three units each way.
    assertThat(covered()).isEqualTo(15 * 9);
    Pixels small = Resampling.BOX.resize(canvas.pixels(), 96);
    assertThat(small.samples()[(48 * 96 + 48) * Pixels.CHANNELS]).isEqualTo(90);
  }

  /** Square units that are painted. */
  private double covered() {
    return Arrays.stream(canvas.pixels().samples()).filter(sample -> sample != 0).count() / 27.0;
  }

  private static double mean(Pixels pixels) {
    return Arrays.stream(pixels.samples()).average().orElseThrow();
  }
}
