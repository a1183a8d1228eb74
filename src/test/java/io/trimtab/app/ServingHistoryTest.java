package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.app.ServingHistory.Answer;
import io.trimtab.app.ServingHistory.Explanation;
import io.trimtab.app.ServingHistory.Serving;
import io.trimtab.app.ServingHistory.Version;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ListAssert;
import org.junit.jupiter.api.Test;

/** One story: made, uploaded, activated, damped, taken away. */
class ServingHistoryTest {
  private static final Serving TUNED = new Serving(1, 1);
  private static final Serving DAMPED = new Serving(1, 0.7f);

  private static final List<Version> VERSIONS =
      List.of(
          version(1, Serving.BASE, 10, 11),
          version(2, Serving.BASE, 20, 21),
          version(3, TUNED, 30, 32),
          version(4, DAMPED, 40, 42),
          version(5, Serving.BASE, 50, 52));

  private static final List<Explanation> EXPLANATIONS = List.of(because(3), because(4), because(5));

  @Test
  void whatWasServedAtSomeMomentOfTheCallIsInOrder() {
    faults(
            answer(Serving.BASE, 1, 2),
            answer(Serving.BASE, 12, 19),
            answer(TUNED, 33, 39),
            answer(DAMPED, 43, 49),
            answer(Serving.BASE, 53, 60),
            // Resolved before the change, over after it; or the other way round.
            answer(TUNED, 39, 60),
            answer(DAMPED, 12, 43),
            answer(TUNED, 1, 60))
        .isEmpty();
  }

  /** It changed at 40, or at 42, or between. */
  @Test
  void whileAVersionIsOnItsWayItAndTheOneBeforeMayServe() {
    faults(answer(TUNED, 41, 41), answer(DAMPED, 41, 41)).isEmpty();
    faults(answer(TUNED, 42, 43), answer(DAMPED, 38, 40)).isEmpty();
    faults(answer(TUNED, 43, 44)).hasSize(1);
    faults(answer(DAMPED, 38, 39)).hasSize(1);
  }

  @Test
  void anAnswerByARevisionAfterItWasTakenAwayIsAFault() {
    faults(answer(Serving.BASE, 53, 54), answer(DAMPED, 53, 54))
        .singleElement()
        .asString()
        .contains("not served at the time", "revision=1", "scale=0.7");
  }

  @Test
  void anAnswerByARevisionBeforeItWasServedIsAFault() {
    faults(answer(TUNED, 22, 29)).hasSize(1);
    faults(answer(TUNED, 1, 2)).hasSize(1);
  }

  @Test
  void anAnswerByWhatNoVersionServesIsAFault() {
    faults(answer(new Serving(2, 1), 1, 60)).hasSize(1);
    faults(answer(new Serving(1, 0.5f), 1, 60)).hasSize(1);
    faults(answer(Serving.BASE, 33, 39)).hasSize(1);
  }

  @Test
  void aChangeThatNothingExplainsIsAFault() {
    told(because(3), because(5))
        .singleElement()
        .asString()
        .contains("0 explanations, expected 1", "number=4");
  }

  @Test
  void aChangeThatIsExplainedTwiceIsAFault() {
    told(because(3), because(4), because(5), because(5))
        .singleElement()
        .asString()
        .contains("2 explanations, expected 1", "number=5");
  }

  @Test
  void anExplanationOfWhatChangesNothingOrIsNotThereIsAFault() {
    told(because(2), because(3), because(4), because(5))
        .singleElement()
        .asString()
        .contains("1 explanations, expected 0", "number=2");
    told(because(3), because(4), because(5), because(6))
        .singleElement()
        .asString()
        .contains("of a version that was not seen");
  }

  @Test
  void aVersionThatWasNotSeenIsAFault() {
    List<Version> gap = List.of(VERSIONS.get(0), VERSIONS.get(2));
    assertThat(new ServingHistory(gap).faults(List.of(), List.of(because(3))))
        .singleElement()
        .asString()
        .contains("version 2 was not seen");
  }

  @Test
  void aNameWithoutVersionsIsBases() {
    ServingHistory none = new ServingHistory(List.of());
    assertThat(none.faults(List.of(answer(Serving.BASE, 1, 2)), List.of())).isEmpty();
    assertThat(none.faults(List.of(answer(TUNED, 1, 2)), List.of())).hasSize(1);
  }

  private static ListAssert<String> faults(Answer... answers) {
    return assertThat(new ServingHistory(VERSIONS).faults(List.of(answers), EXPLANATIONS));
  }

  private static ListAssert<String> told(Explanation... explanations) {
    return assertThat(new ServingHistory(VERSIONS).faults(List.of(), List.of(explanations)));
  }

  private static Version version(long number, Serving serving, int decided, int told) {
    return new Version(number, serving, "", at(decided), at(told));
  }

  private static Answer answer(Serving by, int began, int ended) {
    return new Answer(by, at(began), at(ended));
  }

  private static Explanation because(long version) {
    return new Explanation(version, "so it was");
  }

  private static Instant at(int seconds) {
    return Instant.ofEpochSecond(seconds);
  }
}
