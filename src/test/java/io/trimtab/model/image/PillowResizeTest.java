package io.trimtab.model.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.TrimtabException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PillowResizeTest {
  private static final long SEED = 20_240_607;

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NEAREST")
  void everySizeIsWithinOneLevelOfTheFilterInFloatingPoint(Filter filter) {
    Random random = new Random(SEED);
    for (int trial = 0; trial < 60; trial++) {
      RgbImage image = Fixtures.noise(1 + random.nextInt(70), 1 + random.nextInt(70), SEED + trial);
      int width = 1 + random.nextInt(90);
      int height = 1 + random.nextInt(90);
      RgbImage wide = PillowResize.resize(image, width, image.height(), filter);
      assertWithinOneLevel(wide, pass(image, width, filter), filter, trial);
      RgbImage resized = PillowResize.resize(wide, width, height, filter);
      RgbImage turned = transpose(resized);
      assertWithinOneLevel(turned, pass(transpose(wide), height, filter), filter, trial);
      assertThat(PillowResize.resize(image, width, height, filter).rgb()).isEqualTo(resized.rgb());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aWindowIsThatPartOfTheWhole(Filter filter) {
    Random random = new Random(SEED);
    for (int trial = 0; trial < 60; trial++) {
      RgbImage image = Fixtures.noise(1 + random.nextInt(40), 1 + random.nextInt(40), SEED + trial);
      int width = trial % 5 == 0 ? image.width() : 1 + random.nextInt(60);
      int height = trial % 7 == 0 ? image.height() : 1 + random.nextInt(60);
      RgbImage whole = PillowResize.resize(image, width, height, filter);
      int left = random.nextInt(width);
      int top = random.nextInt(height);
      PillowResize.Window window =
          new PillowResize.Window(
              left, top, 1 + random.nextInt(width - left), 1 + random.nextInt(height - top));
      RgbImage part = PillowResize.resize(image, width, height, filter, window);
      assertThat(part.width()).isEqualTo(window.width());
      assertThat(part.height()).isEqualTo(window.height());
      for (int y = 0; y < part.height(); y++) {
        int from = 3 * ((top + y) * width + left);
        assertThat(Arrays.copyOfRange(part.rgb(), 3 * y * part.width(), 3 * (y + 1) * part.width()))
            .as("trial %d, row %d", trial, y)
            .isEqualTo(Arrays.copyOfRange(whole.rgb(), from, from + 3 * part.width()));
      }
    }
  }

  @Test
  void halvingWithBoxIsTheMeanOfTwoRoundedHalfUp() {
    RgbImage image = grey(4, 1, 10, 13, 200, 201);
    assertThat(levels(PillowResize.resize(image, 2, 1, Filter.BOX))).containsExactly(12, 201);
  }

  @Test
  void bicubicEnlargementOvershootsAndIsClipped() {
    // Weights at quarter offsets: -9/128, 29/128 ... on a step from 0 to 255, borders renormalised.
    RgbImage step = grey(4, 1, 0, 0, 255, 255);
    assertThat(levels(PillowResize.resize(step, 8, 1, Filter.BICUBIC)))
        .containsExactly(0, 0, 0, 52, 203, 255, 255, 255);
  }

  @Test
  void nearestTakesTheMiddleOfEachTargetPixel() {
    RgbImage image = grey(5, 1, 1, 2, 3, 4, 5);
    assertThat(levels(PillowResize.resize(image, 2, 1, Filter.NEAREST))).containsExactly(2, 4);
    assertThat(levels(PillowResize.resize(image, 10, 1, Filter.NEAREST)))
        .containsExactly(1, 1, 2, 2, 3, 3, 4, 4, 5, 5);
  }

  @ParameterizedTest
  @EnumSource
  void plainColourStaysPlain(Filter filter) {
    RgbImage plain = grey(3, 2, 77, 77, 77, 77, 77, 77);
    for (int size : new int[] {1, 2, 5, 64}) {
      assertThat(levels(PillowResize.resize(plain, size, size, filter))).containsOnly(77);
    }
  }

  @Test
  void theSameSizeIsTheSamePicture() {
    RgbImage image = Fixtures.noise(7, 5, SEED);
    assertThat(PillowResize.resize(image, 7, 5, Filter.LANCZOS)).isSameAs(image);
  }

  @Test
  void aLineOfTenThousandPixelsShrinksToOne() {
    RgbImage line = Fixtures.noise(10_000, 1, SEED);
    assertThat(PillowResize.resize(line, 1, 1, Filter.BICUBIC).rgb()).hasSize(3);
  }

  @Test
  void filtersHavePillowsNumbers() {
    for (Filter filter : Filter.values()) {
      assertThat(Filter.of(filter.number())).isEqualTo(filter);
      assertThat(filter.number()).isEqualTo(filter.ordinal());
    }
    assertThatThrownBy(() -> Filter.of(6))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining("from 0 to 5, got 6");
  }

  private static void assertWithinOneLevel(
      RgbImage actual, double[] expected, Filter filter, int trial) {
    assertThat(actual.rgb()).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      double level = actual.rgb()[i] & 0xff;
      assertThat(level)
          .as("seed %d, trial %d, %s, sample %d", SEED, trial, filter, i)
          .isBetween(expected[i] - 1, expected[i] + 1);
    }
  }

  /** A horizontal pass by the definition: weights from the kernel, sums in double. */
  private static double[] pass(RgbImage image, int width, Filter filter) {
    double[] result = new double[3 * width * image.height()];
    double scale = (double) image.width() / width;
    double widening = Math.max(1, scale);
    for (int i = 0; i < result.length; i++) {
      int row = i / 3 / width;
      double center = (i / 3 % width + 0.5) * scale;
      double sum = 0;
      double weights = 0;
      for (int x = 0; x < image.width(); x++) {
        double distance = x + 0.5 - center;
        if (Math.abs(distance) <= filter.support() * widening) {
          double weight = filter.weight(distance / widening);
          sum += weight * (image.rgb()[3 * (row * image.width() + x) + i % 3] & 0xff);
          weights += weight;
        }
      }
      result[i] = Math.clamp(Math.floor(sum / weights + 0.5), 0.0, 255.0);
    }
    return result;
  }

  private static RgbImage transpose(RgbImage image) {
    byte[] rgb = new byte[image.rgb().length];
    for (int i = 0; i < rgb.length; i++) {
      int row = i / 3 / image.height();
      int column = i / 3 % image.height();
      rgb[i] = image.rgb()[3 * (column * image.width() + row) + i % 3];
    }
    return new RgbImage(image.height(), image.width(), rgb);
  }

  private static RgbImage grey(int width, int height, int... levels) {
    byte[] rgb = new byte[3 * levels.length];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) levels[i / 3];
    }
    return new RgbImage(width, height, rgb);
  }

  private static int[] levels(RgbImage image) {
    int[] levels = new int[image.width() * image.height()];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = image.rgb()[3 * i] & 0xff;
    }
    return levels;
  }
}
