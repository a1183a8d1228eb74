package io.trimtab.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.model.text.RopePositions.Axis;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RopePositionsTest {
  @Test
  void textCountsUpwardOnAllAxes() {
    RopePositions positions = RopePositions.sequential(4);
    for (Axis axis : Axis.values()) {
      assertThat(on(axis, positions)).containsExactly(0, 1, 2, 3);
    }
    assertThat(positions.delta()).isZero();
  }

  @Test
  void aPictureIsAGridAndTextGoesOnBehindItsLongerSide() {
    // Two tokens of text, a picture of 2x3, one of text.
    RopePositions positions =
        RopePositions.gridded(
            9, List.of(new Prompt.ImageSpan(2, 6, 0)), List.of(new GridShape(2, 3)));
    assertThat(on(Axis.TIME, positions)).containsExactly(0, 1, 2, 2, 2, 2, 2, 2, 5);
    assertThat(on(Axis.HEIGHT, positions)).containsExactly(0, 1, 2, 2, 2, 3, 3, 3, 5);
    assertThat(on(Axis.WIDTH, positions)).containsExactly(0, 1, 2, 3, 4, 2, 3, 4, 5);
    assertThat(positions.delta()).isEqualTo(-3);
    assertThat(IntStream.range(0, 9).mapToObj(positions::isText))
        .containsExactly(true, true, false, false, false, false, false, false, true);
  }

  @Test
  void picturesMayFollowEachOtherAndStandAtEitherEnd() {
    RopePositions positions =
        RopePositions.gridded(
            4,
            List.of(new Prompt.ImageSpan(0, 2, 0), new Prompt.ImageSpan(2, 2, 1)),
            List.of(new GridShape(2, 1), new GridShape(1, 2)));
    assertThat(on(Axis.TIME, positions)).containsExactly(0, 0, 2, 2);
    assertThat(on(Axis.HEIGHT, positions)).containsExactly(0, 1, 2, 2);
    assertThat(on(Axis.WIDTH, positions)).containsExactly(0, 0, 2, 3);
    assertThat(positions.length() + positions.delta()).isEqualTo(4);
  }

  private static int[] on(Axis axis, RopePositions positions) {
    return IntStream.range(0, positions.length()).map(token -> positions.at(axis, token)).toArray();
  }
}
