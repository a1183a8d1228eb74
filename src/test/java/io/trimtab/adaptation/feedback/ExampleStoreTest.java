package io.trimtab.adaptation.feedback;

import static io.trimtab.adaptation.feedback.FeedbackBench.BIRDS;
import static io.trimtab.adaptation.feedback.FeedbackBench.about;
import static io.trimtab.adaptation.feedback.FeedbackBench.asking;
import static io.trimtab.adaptation.feedback.FeedbackBench.correction;
import static io.trimtab.adaptation.feedback.FeedbackBench.rating;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adapter.AdapterId;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.FileObjectStore;
import io.trimtab.store.LineName;
import io.trimtab.store.UnsyncedStore;
import io.trimtab.testing.DrawnPictures;
import io.trimtab.testing.TurnedClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExampleStoreTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @TempDir private Path root;
  private final TurnedClock clock = new TurnedClock();
  private FileObjectStore store;
  private FeedbackBench bench;
  private ExampleStore examples;

  @BeforeEach
  void open() {
    store = UnsyncedStore.open(root);
    bench = FeedbackBench.open(store, clock);
    examples = bench.examples();
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void feedbackIsKeptWithItsPicturesAndByTheServersClock() {
    Example example = kept(correction("f1", 7, "A robin"));
    assertThat(example.received()).isEqualTo(clock.instant());
    assertThat(example.answer()).isEqualTo("A tit");
    assertThat(examples.usable(BIRDS)).containsExactly(example);
    assertThat(new Conversations(bench.pictures()).read("acme", example.conversation()))
        .isEqualTo(asking(7));
    assertThat(bench.registry().get(BIRDS).activeRevision()).isZero();
  }

  @Test
  void anotherProcessFindsThemAsTheyWere() {
    kept(correction("f1", 1, "A \"robin\"\n\u00e9\ud83d\udc26"));
    kept(rating("f2", 2, -0.25));
    examples.retract("acme", "f2", "no bird");
    FeedbackBench other = FeedbackBench.open(store, clock);
    assertThat(other.examples().list(BIRDS)).isEqualTo(examples.list(BIRDS)).hasSize(2);
    assertThat(other.examples().counts(BIRDS)).isEqualTo(examples.counts(BIRDS));
    kept(correction("f3", 3, "A wren"));
    examples.retract("acme", "f1", "");
    assertThat(other.examples().counts(BIRDS).examples()).isEqualTo(2);
    other.examples().refresh();
    assertThat(other.examples().list(BIRDS)).isEqualTo(examples.list(BIRDS)).hasSize(3);
  }

  @Test
  void toldAgainItIsKnownAndWithOtherContentsRefused() {
    kept(correction("f1", 1, "A robin"));
    clock.turn(MINUTE);
    assertThat(examples.accept(correction("f1", 1, "A robin")))
        .isEqualTo(new FeedbackOutcome.Known());
    List<Feedback> others =
        List.of(
            correction("f1", 1, "A wren"),
            correction("f1", 2, "A robin"),
            rating("f1", 1, 1),
            of("f1", new AdapterId("acme", "planes")));
    for (Feedback other : others) {
      assertThat(examples.accept(other))
          .isEqualTo(
              new FeedbackOutcome.Refused(
                  "feedback_id 'f1' is that of other contents, expected a new one"));
    }
    assertThat(examples.list(BIRDS)).hasSize(1);
  }

  @Test
  void theSameIdOfAnotherTenantIsAnother() {
    kept(correction("f1", 1, "A robin"));
    kept(of("f1", new AdapterId("globex", "birds")));
    assertThat(examples.adapters())
        .containsExactlyInAnyOrder(BIRDS, new AdapterId("globex", "birds"));
    assertThatThrownBy(() -> examples.retract("initech", "f1", ""))
        .hasMessageStartingWith("There is no example of feedback 'f1'");
  }

  @Test
  void toManyThreadsAndProcessesOneIsTheFirst() throws Exception {
    FeedbackBench other = FeedbackBench.open(store, clock);
    List<Callable<List<FeedbackOutcome>>> tellers = new ArrayList<>();
    for (FeedbackBench each : List.of(bench, other, bench, other)) {
      tellers.add(
          () -> {
            List<FeedbackOutcome> outcomes = new ArrayList<>();
            for (int i = 0; i < 25; i++) {
              outcomes.add(each.examples().accept(correction("f" + i, i, "A robin")));
            }
            return outcomes;
          });
    }
    List<FeedbackOutcome> outcomes = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<List<FeedbackOutcome>> each : threads.invokeAll(tellers)) {
        outcomes.addAll(each.get());
      }
    }
    assertThat(outcomes).filteredOn(FeedbackOutcome.Kept.class::isInstance).hasSize(25);
    assertThat(outcomes).filteredOn(new FeedbackOutcome.Known()::equals).hasSize(75);
    examples.refresh();
    assertThat(examples.usable(BIRDS)).hasSize(25);
  }

  @Test
  void feedbackThatNamesAPredictionTakesItsConversationAndAnswer() {
    bench.predict("acme", "p1", 5);
    Example example = kept(about("f1", "p1", "A robin"));
    assertThat(example.answer()).isEqualTo("A tit");
    assertThat(example.conversation()).isEqualTo(Conversations.named(asking(5)));
    assertThat(example.predictionId()).hasValue("p1");
  }

  @Test
  void aPredictionThatIsUnknownOrAnothersOrExpiredIsRefused() {
    bench.predict("globex", "p1", 5);
    bench.predict("acme", "p2", 5);
    assertThat(refused(about("f1", "p1", "A robin")))
        .isEqualTo(refused(about("f1", "p9", "A robin")).replace("p9", "p1"))
        .isEqualTo("No prediction 'p1' is kept: it was made without retain, or had to make room");
    clock.turn(Duration.ofHours(24));
    assertThat(refused(about("f1", "p2", "A robin"))).startsWith("The prediction 'p2' has expired");
    assertThat(examples.adapters()).isEmpty();
  }

  @Test
  void toldAgainAfterThePredictionExpiredItIsKnown() {
    bench.predict("acme", "p1", 5);
    kept(about("f1", "p1", "A robin"));
    clock.turn(Duration.ofDays(2));
    bench.sweep().run();
    assertThat(examples.accept(about("f1", "p1", "A robin")))
        .isEqualTo(new FeedbackOutcome.Known());
  }

  @Test
  void theLastCorrectionOfAPredictionIsTrainedOnAndAllAreKept() {
    bench.predict("acme", "p1", 5);
    kept(about("f1", "p1", "A wren"));
    clock.turn(MINUTE);
    Example second = kept(about("f2", "p1", "A robin"));
    clock.turn(MINUTE);
    Example other = kept(correction("f3", 5, "A gull"));
    assertThat(examples.usable(BIRDS)).containsExactly(second, other);
    assertThat(examples.list(BIRDS))
        .extracting(KeptExample::state)
        .containsExactly(
            new ExampleState.Replaced("f2"), new ExampleState.Usable(), new ExampleState.Usable());
    examples.retract("acme", "f2", "was a wren");
    assertThat(examples.usable(BIRDS)).extracting(Example::feedbackId).containsExactly("f1", "f3");
  }

  @Test
  void aRatingAloneIsKeptAndNotTrainedOn() {
    kept(rating("f1", 1, -1));
    assertThat(examples.usable(BIRDS)).isEmpty();
    assertThat(examples.list(BIRDS))
        .extracting(KeptExample::state)
        .containsExactly(new ExampleState.RatingOnly());
    assertThat(examples.counts(BIRDS))
        .isEqualTo(new FeedbackCounts(1, 0, 0, 1, 0, Optional.empty(), Optional.empty()));
  }

  @Test
  void whatIsRetractedIsListedAndStaysAsItWasRetractedFirst() {
    kept(correction("f1", 1, "A robin"));
    examples.retract("acme", "f1", "a joke");
    clock.turn(MINUTE);
    examples.retract("acme", "f1", "again");
    assertThat(examples.usable(BIRDS)).isEmpty();
    assertThat(examples.list(BIRDS))
        .extracting(KeptExample::state)
        .containsExactly(new ExampleState.Retracted("a joke", clock.instant().minus(MINUTE)));
    assertThat(examples.accept(correction("f1", 1, "A robin")))
        .isEqualTo(new FeedbackOutcome.Known());
    assertThat(examples.usable(BIRDS)).isEmpty();
    assertThatThrownBy(() -> examples.retract("acme", "f1", "two\nlines"))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
  }

  @Test
  void countsTellFreshFromTunedOn() {
    kept(correction("f1", 1, "A robin"));
    clock.turn(MINUTE);
    kept(correction("f2", 2, "A wren"));
    clock.turn(MINUTE);
    kept(correction("f3", 3, "A gull"));
    FeedbackCounts counts = examples.counts(BIRDS, Set.of("f1", "other"));
    assertThat(counts.usable()).isEqualTo(3);
    assertThat(counts.fresh()).isEqualTo(2);
    assertThat(counts.oldestFresh()).hasValue(clock.instant().minus(MINUTE));
    assertThat(counts.newestFresh()).hasValue(clock.instant());
  }

  @Test
  void limitsOfNumbersRefuseAndDoNotStopWhatComesBehind() {
    for (String name : List.of("a", "b", "c")) {
      kept(of("f-" + name, new AdapterId("acme", name)));
    }
    assertThat(refused(of("f-d", new AdapterId("acme", "d"))))
        .isEqualTo("The tenant has 3 adapters, expected at most 3: delete some");
    FeedbackBench small =
        FeedbackBench.open(
            store, clock, PredictionLimits.defaults(), FeedbackChecks.withExamplesMax(1));
    assertThat(small.examples().accept(of("f-2", new AdapterId("acme", "a"))))
        .isEqualTo(
            new FeedbackOutcome.Refused("The adapter 'a' has 1 examples, expected at most 1"));
  }

  @Test
  void aVersionThatCannotBeReadIsNoExampleAndItsIdIsTaken() {
    LineName line = LineName.of("examples", "acme", "f1");
    store.putIfAbsent(line, 1, "{}".getBytes(StandardCharsets.UTF_8));
    examples.refresh();
    assertThat(examples.adapters()).isEmpty();
    assertThat(examples.complete()).isFalse();
    assertThat(refused(correction("f1", 1, "A robin"))).contains("other contents");
  }

  @Test
  void anAdaptersExamplesGoWithItHereAndElsewhere() {
    FeedbackBench other = FeedbackBench.open(store, clock);
    kept(correction("f1", 1, "A robin"));
    kept(of("f2", new AdapterId("acme", "planes")));
    other.examples().refresh();
    examples.delete(BIRDS, clock.instant());
    other.examples().refresh();
    for (ExampleStore each : List.of(examples, other.examples())) {
      assertThat(each.adapters()).containsExactly(new AdapterId("acme", "planes"));
      assertThat(each.list(BIRDS)).isEmpty();
    }
    kept(correction("f1", 1, "A wren"));
    assertThat(examples.usable(BIRDS)).hasSize(1);
  }

  @Test
  void aFullDiskIsToldAgain() {
    store.close();
    assertThatThrownBy(() -> examples.accept(correction("f1", 1, "A robin")))
        .isInstanceOfSatisfying(
            TrimtabException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    assertThat(examples.adapters()).isEmpty();
  }

  private Example kept(Feedback feedback) {
    FeedbackOutcome outcome = examples.accept(feedback);
    assertThat(outcome).isInstanceOf(FeedbackOutcome.Kept.class);
    return ((FeedbackOutcome.Kept) outcome).example();
  }

  private String refused(Feedback feedback) {
    FeedbackOutcome outcome = examples.accept(feedback);
    assertThat(outcome).isInstanceOf(FeedbackOutcome.Refused.class);
    return ((FeedbackOutcome.Refused) outcome).reason();
  }

  private static Feedback of(String id, AdapterId adapter) {
    return new Feedback(
        id,
        adapter,
        Optional.empty(),
        List.of(asking(DrawnPictures.png(1))),
        "",
        "A robin",
        OptionalDouble.empty(),
        List.of());
  }
}
