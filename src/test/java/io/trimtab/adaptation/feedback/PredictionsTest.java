package io.trimtab.adaptation.feedback;

import static io.trimtab.adaptation.feedback.FeedbackBench.SERVED_BY;
import static io.trimtab.adaptation.feedback.FeedbackBench.about;
import static io.trimtab.adaptation.feedback.FeedbackBench.asking;
import static io.trimtab.adaptation.feedback.FeedbackBench.correction;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.Picture;
import io.trimtab.store.FileObjectStore;
import io.trimtab.store.LineName;
import io.trimtab.store.UnsyncedStore;
import io.trimtab.testing.DrawnPictures;
import io.trimtab.testing.TurnedClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Predictions, their pictures, and what a sweep leaves of both. */
class PredictionsTest {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Picture FIRST = DrawnPictures.png(1);

  @TempDir private Path root;
  private final TurnedClock clock = new TurnedClock();
  private FileObjectStore store;
  private FeedbackBench bench;

  @BeforeEach
  void open() {
    store = UnsyncedStore.open(root);
    bench = FeedbackBench.open(store, clock);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void aPredictionIsFoundByItsTenantAlsoAfterARestart() {
    bench.predict("acme", "p1", 1);
    Prediction expected =
        new Prediction(
            "acme",
            "p1",
            "birds",
            Conversations.named(asking(1)),
            "A tit",
            SERVED_BY,
            FIRST.encoded().length,
            clock.instant());
    FeedbackBench restarted = FeedbackBench.open(store, clock);
    for (FeedbackBench each : List.of(bench, restarted)) {
      assertThat(each.predictions().find("acme", "p1"))
          .isEqualTo(new FoundPrediction.Present(expected));
      assertThat(each.predictions().find("globex", "p1")).isEqualTo(new FoundPrediction.Unknown());
      assertThat(each.predictions().find("acme", "p2")).isEqualTo(new FoundPrediction.Unknown());
    }
  }

  @Test
  void itExpiresToTheSecondAndIsThenDeletedWithItsPictures() {
    bench.predict("acme", "p1", 1);
    clock.turn(DAY.minusSeconds(1));
    assertThat(bench.predictions().find("acme", "p1")).isInstanceOf(FoundPrediction.Present.class);
    bench.sweep().run();
    assertThat(store.hasBlob(FIRST.sha256())).isTrue();
    clock.turn(Duration.ofSeconds(1));
    assertThat(bench.predictions().find("acme", "p1")).isEqualTo(new FoundPrediction.Expired());
    bench.sweep().run();
    assertThat(bench.predictions().find("acme", "p1")).isEqualTo(new FoundPrediction.Unknown());
    assertThat(store.lines("predictions")).isEmpty();
    assertThat(store.lines("pictures")).isEmpty();
    assertThat(store.hasBlob(FIRST.sha256())).isFalse();
  }

  @Test
  void anIdThatSaysItIsOldIsExpiredWhoseverItWas() {
    // Of the year 2024, by RFC 9562.
    assertThat(bench.predictions().find("acme", "018cc251-f400-7000-8000-000000000000"))
        .isEqualTo(new FoundPrediction.Expired());
    assertThat(bench.predictions().find("acme", "018cc251-f400-4000-8000-000000000000"))
        .isEqualTo(new FoundPrediction.Unknown());
    assertThat(bench.predictions().find("acme", "ffffffff-ffff-7fff-8000-000000000000"))
        .isEqualTo(new FoundPrediction.Unknown());
  }

  @Test
  void theOldestGoFirstWhenTheyTakeTooMuch() {
    long one = bytesOfOne();
    bench = bounded(3 * one + 2);
    for (int i = 0; i < 5; i++) {
      bench.predict("acme", "p" + i, 100 + i);
      clock.turn(Duration.ofSeconds(1));
    }
    assertThat(present()).containsExactly("p2", "p3", "p4");
    // A process that is started with less room drops more, at its first sweep.
    bench = bounded(one + 2);
    bench.sweep().run();
    assertThat(present()).containsExactly("p4");
  }

  @Test
  void whatPicturesTakeBeforeTheSweepIsBoundedToo() {
    long one = bytesOfOne();
    bench = bounded(2 * one + 2);
    int kept = 0;
    try {
      for (; kept < 100; kept++) {
        bench.predict("acme", "p" + kept, 100 + kept);
        clock.turn(Duration.ofSeconds(1));
      }
    } catch (TrimtabException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    }
    assertThat(kept).isBetween(3, 20);
    clock.turn(TenantPictures.GRACE.plusSeconds(1));
    bench.sweep().run();
    assertThat(store.lines("pictures")).hasSize(2);
    bench.predict("acme", "again", 99);
  }

  /** A sweep leaves pictures that were kept lately, so they count until one takes them. */
  @Test
  void whatASweepFindsTooYoungStillCounts() {
    long one = bytesOfOne();
    bench = bounded(2 * one + 2);
    int last = keepUntilRefused();
    int pictures = store.lines("pictures").size();

    bench.sweep().run();
    assertThat(store.lines("pictures")).hasSize(pictures);
    assertRefused(last);

    clock.turn(TenantPictures.GRACE.plusSeconds(1));
    assertRefused(last);
    bench.sweep().run();
    assertThat(store.lines("pictures")).hasSize(2);
    bench.predict("acme", "p" + last, 100 + last);
  }

  /** What needs a picture longer counts it itself, or is an example. */
  @Test
  void whatIsNeededElsewhereCountsNoMoreAfterASweep() {
    long one = bytesOfOne();
    bench = bounded(2 * one + 2);
    int last = keepUntilRefused();
    for (int i = 0; i < last; i++) {
      bench.examples().accept(correction("f" + i, 100 + i, "A robin"));
    }

    bench.sweep().run();
    bench.predict("acme", "p" + last, 100 + last);
  }

  @Test
  void onePredictionLargerThanAllMayBeIsRefused() {
    bench = bounded(100);
    assertThatThrownBy(() -> bench.predict("acme", "p1", 1))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED))
        .hasMessageEndingWith("all that are retained may take 100");
    assertThat(store.lines("pictures")).isEmpty();
  }

  @Test
  void picturesThatAnExampleOrAnotherTenantNeedsStay() {
    bench.predict("acme", "p1", 1);
    bench.predict("acme", "p2", 2);
    bench.predict("globex", "p3", 2);
    bench.examples().accept(about("f1", "p1", "A robin"));
    clock.turn(DAY.minusSeconds(10));
    bench.predict("globex", "p4", 2);
    clock.turn(Duration.ofSeconds(10));
    bench.sweep().run();
    assertThat(bench.pictures().find("acme", FIRST.sha256())).isPresent();
    String second = DrawnPictures.png(2).sha256();
    assertThat(bench.pictures().find("acme", second)).isEmpty();
    assertThat(bench.pictures().find("globex", second)).isPresent();
    clock.turn(DAY);
    bench.sweep().run();
    assertThat(store.hasBlob(second)).isFalse();
    assertThat(bench.pictures().find("acme", FIRST.sha256())).isPresent();
  }

  @Test
  void aPictureIsSafeForAWhileAfterItWasKept() {
    bench.pictures().keep("acme", FIRST);
    clock.turn(TenantPictures.GRACE.minusSeconds(1));
    bench.sweep().run();
    assertThat(bench.pictures().find("acme", FIRST.sha256())).isPresent();
    assertThat(bench.pictures().keepOn("acme", FIRST.sha256())).isTrue();
    clock.turn(TenantPictures.GRACE.dividedBy(2));
    FeedbackBench.open(store, clock).sweep().run();
    assertThat(bench.pictures().find("acme", FIRST.sha256())).isPresent();
    clock.turn(TenantPictures.GRACE);
    bench.sweep().run();
    assertThat(bench.pictures().find("acme", FIRST.sha256())).isEmpty();
    assertThat(bench.pictures().keepOn("acme", FIRST.sha256())).isFalse();
  }

  /** Its line says when it was kept first, as it need not be written each time. */
  @Test
  void aPictureThatIsKeptTwiceIsDeletedInTheEnd() {
    bench.pictures().keep("acme", FIRST);
    clock.turn(TenantPictures.GRACE.dividedBy(3));
    bench.pictures().keep("acme", FIRST);
    clock.turn(TenantPictures.GRACE.dividedBy(3).multipliedBy(2).plusSeconds(1));
    bench.sweep().run();
    assertThat(store.hasBlob(FIRST.sha256())).isTrue();
    clock.turn(TenantPictures.GRACE);
    bench.sweep().run();
    assertThat(bench.pictures().find("acme", FIRST.sha256())).isEmpty();
    assertThat(store.hasBlob(FIRST.sha256())).isFalse();
  }

  @Test
  void aPictureThatARecordNamesStaysUntilTheRecordIsSettledHoweverLongThatTakes() {
    bench.pictures().keepToAppend("acme", FIRST);
    bench.pictures().keep("globex", FIRST);
    Instant appended = clock.instant();
    clock.turn(DAY);
    bench.sweep().run();
    assertThat(bench.pictures().find("acme", FIRST.sha256())).as("nobody knows").hasValue(FIRST);
    assertThat(bench.pictures().find("globex", FIRST.sha256())).isEmpty();
    bench
        .settledUntil()
        .set(Optional.of(appended.plus(TenantPictures.GRACE).plus(TuningTrigger.SKEW_MAX)));
    bench.sweep().run();
    // Kept before it was appended, which may take its time, by a clock that may be behind.
    assertThat(bench.pictures().find("acme", FIRST.sha256())).as("just behind").hasValue(FIRST);
    bench.settledUntil().set(Optional.of(clock.instant()));
    bench.sweep().run();
    assertThat(bench.pictures().find("acme", FIRST.sha256())).isEmpty();
    assertThat(store.hasBlob(FIRST.sha256())).isFalse();
    assertThat(store.lines("appended-pictures")).isEmpty();
  }

  @Test
  void whatIsReadLateIsAnExampleWithItsPicture() {
    bench.pictures().keepToAppend("acme", FIRST);
    clock.turn(DAY);
    bench.sweep().run();
    bench.examples().accept(correction("f1", 1, "A robin"));
    clock.turn(DAY);
    bench.settledUntil().set(Optional.of(clock.instant()));
    bench.sweep().run();
    assertThat(bench.pictures().find("acme", FIRST.sha256())).hasValue(FIRST);
    assertThat(store.lines("appended-pictures")).isEmpty();
  }

  @Test
  void picturesAreFoundByWhoSentThem() {
    bench.pictures().keep("acme", FIRST);
    assertThat(bench.pictures().find("acme", FIRST.sha256())).hasValue(FIRST);
    assertThat(bench.pictures().find("globex", FIRST.sha256())).isEmpty();
    assertThatThrownBy(() -> bench.pictures().keep("acme", Picture.of(new byte[(1 << 20) + 1])))
        .hasMessage("A picture may take 1048576 bytes, this one takes 1048577");
  }

  @Test
  void noPictureGoesWhileAnExampleCannotBeRead() {
    store.putIfAbsent(
        LineName.of("examples", "acme", "f1"), 1, "{".getBytes(StandardCharsets.UTF_8));
    bench.pictures().keep("acme", FIRST);
    clock.turn(DAY);
    bench.sweep().run();
    assertThat(bench.pictures().find("acme", FIRST.sha256())).isPresent();
  }

  @Test
  void examplesKeepTheirPicturesForGood() {
    bench.examples().accept(correction("f1", 1, "A robin"));
    bench.examples().retract("acme", "f1", "");
    clock.turn(Duration.ofDays(100));
    bench.sweep().run();
    assertThat(bench.pictures().find("acme", FIRST.sha256())).hasValue(FIRST);
    bench.examples().delete(FeedbackBench.BIRDS, clock.instant());
    bench.sweep().run();
    assertThat(bench.pictures().find("acme", FIRST.sha256())).isEmpty();
  }

  /** The number of the first that was refused. */
  private int keepUntilRefused() {
    for (int i = 0; i < 100; i++) {
      try {
        bench.predict("acme", "p" + i, 100 + i);
      } catch (TrimtabException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
        return i;
      }
      clock.turn(Duration.ofSeconds(1));
    }
    throw new AssertionError("Nothing was refused");
  }

  private void assertRefused(int number) {
    assertThatThrownBy(() -> bench.predict("acme", "p" + number, 100 + number))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED));
  }

  private FeedbackBench bounded(long bytesMax) {
    return FeedbackBench.open(
        store, clock, new PredictionLimits(DAY, bytesMax), FeedbackLimits.defaults());
  }

  private long bytesOfOne() {
    bench.predict("acme", "measure", 3);
    long bytes = bench.predictions().held().getFirst().bytes();
    clock.turn(DAY);
    bench.sweep().run();
    return bytes;
  }

  private List<String> present() {
    return IntStream.range(0, 10)
        .mapToObj(i -> "p" + i)
        .filter(id -> bench.predictions().find("acme", id) instanceof FoundPrediction.Present)
        .toList();
  }
}
