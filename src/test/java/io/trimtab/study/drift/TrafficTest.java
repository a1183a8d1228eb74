package io.trimtab.study.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.drift.QuestionKey;
import io.trimtab.model.text.ContentPart;
import io.trimtab.model.text.PicturePart;
import io.trimtab.study.drift.Traffic.Asked;
import io.trimtab.world.Light;
import io.trimtab.world.Skill;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** What a stream's tenant asks for, and in which light. */
class TrafficTest {
  private static final Skill SKILL = Skill.GAUGE;
  private static final long SEED = 3;

  private static final int CALL = 200;
  private static final int CALLS = 4;

  /** Call by call of one tenant; drawn once, since pictures take their time. */
  private static final List<List<Asked>> ASKED = asked();

  /** Four standard deviations of a share among half of a call's requests. */
  private static final double LUCK = 4 * Math.sqrt(0.25 / (CALL / 2.0));

  /** The share of the skill is one in a call, from 10 to 90 %, and another in the next. */
  @Test
  void aCallIsOneMixAndTheNextAnother() {
    List<Double> shares = new ArrayList<>();
    List<String> taught = new ArrayList<>();
    for (List<Asked> asked : ASKED) {
      assertThat(asked).hasSize(CALL);
      double first = share(asked.subList(0, CALL / 2));
      double second = share(asked.subList(CALL / 2, CALL));
      assertThat(Math.abs(first - second)).isLessThan(Math.sqrt(2) * LUCK);
      shares.add(share(asked));
      taught.addAll(keys(asked.stream().filter(TrafficTest::isTaught).toList()));
    }
    assertThat(shares).allSatisfy(share -> assertThat(share).isBetween(0.1 - LUCK, 0.9 + LUCK));
    double least = shares.stream().mapToDouble(share -> share).min().orElseThrow();
    double most = shares.stream().mapToDouble(share -> share).max().orElseThrow();
    assertThat(most - least).isGreaterThan(LUCK);
    assertThat(taught).doesNotHaveDuplicates();
  }

  /** The same seed asks the same, until one tenant's call ends and with it the mix. */
  @Test
  void aMixEndsWithItsCall() {
    List<String> once = keys(new Traffic(SKILL, SEED, Light.USUAL).next(2 * CALL));
    assertThat(once.subList(0, CALL)).isEqualTo(keys(ASKED.get(0)));
    assertThat(once.subList(CALL, 2 * CALL)).isNotEqualTo(keys(ASKED.get(1)));
  }

  @Test
  void picturesOfPoorLightAreDarker() {
    double usual = brightness(ASKED.getFirst().subList(0, 30));
    double poor = brightness(new Traffic(SKILL, SEED, Light.POOR).next(30));
    // By Light: 0.55 to 0.75 for 0.9 to 1.06, so two thirds in the middle.
    assertThat(poor / usual).isBetween(0.5, 0.85);
  }

  @Test
  void calmStreamsOfTwoLightsAreDarkFromTheirMiddle() {
    List<DriftStream> dark =
        DriftStreams.all().stream().filter(stream -> stream.name().contains("-light-")).toList();
    assertThat(dark).hasSize(12);
    for (DriftStream stream : dark) {
      assertThat(stream.length()).isEqualTo(5_000);
      assertThat(stream.light(0)).isEqualTo(Light.USUAL);
      assertThat(stream.light(2_499)).isEqualTo(Light.USUAL);
      assertThat(stream.light(2_500)).isEqualTo(Light.POOR);
      assertThat(stream.light(4_999)).isEqualTo(Light.POOR);
    }
  }

  @Test
  void otherStreamsAreInUsualLightThroughout() {
    assertThat(DriftStreams.all())
        .filteredOn(stream -> !stream.name().contains("-light-"))
        .isNotEmpty()
        .allSatisfy(stream -> assertThat(stream.light(4_999)).isEqualTo(Light.USUAL));
  }

  private static List<List<Asked>> asked() {
    Traffic traffic = new Traffic(SKILL, SEED, Light.USUAL);
    return IntStream.range(0, CALLS).mapToObj(_ -> traffic.next(CALL)).toList();
  }

  private static boolean isTaught(Asked asked) {
    return asked.task().equals(SKILL.task());
  }

  private static double share(List<Asked> asked) {
    return asked.stream().filter(TrafficTest::isTaught).count() / (double) asked.size();
  }

  /** Of question and picture. */
  private static List<String> keys(List<Asked> asked) {
    return asked.stream().map(each -> QuestionKey.hex(each.messages())).toList();
  }

  /** Mean of all bytes of all pictures, 0 to 255. */
  private static double brightness(List<Asked> asked) {
    return asked.stream()
        .flatMap(each -> each.messages().stream())
        .flatMap(message -> message.parts().stream())
        .mapToDouble(TrafficTest::brightness)
        .filter(Double::isFinite)
        .average()
        .orElseThrow();
  }

  private static double brightness(ContentPart part) {
    if (!(part instanceof PicturePart(var picture))) {
      return Double.NaN;
    }
    try {
      BufferedImage image = ImageIO.read(new ByteArrayInputStream(picture.encoded()));
      double[] samples =
          image.getRaster().getPixels(0, 0, image.getWidth(), image.getHeight(), (double[]) null);
      double sum = 0;
      for (double sample : samples) {
        sum += sample;
      }
      return sum / samples.length;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
