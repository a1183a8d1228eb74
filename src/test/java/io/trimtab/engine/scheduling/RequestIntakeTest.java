package io.trimtab.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The door to the step loop, with one place per tenant and a pool that the test holds. */
class RequestIntakeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Admission admission = new Admission(8, 1);
  private final StepLoop loop = new StepLoop(new ScriptedExecutor(1, 1), admission, 1, 1);
  private final RequestIntake intake = new RequestIntake(admission, loop);
  private final CompletableFuture<Void> held = new CompletableFuture<>();

  @BeforeEach
  void start() {
    loop.start();
  }

  @AfterEach
  void everyPermitIsBack() throws Exception {
    held.complete(null);
    intake.close();
    loop.stop();
    assertThat(admission.waiting()).isZero();
  }

  @Test
  void whatIsOnlyReadTakesItsTenantsPlaceAndNoOthers() {
    hold();
    CompletableFuture<String> first = intake.reading("a", () -> "first");
    TrimtabException refusal =
        catchThrowableOfType(
            TrimtabException.class, () -> intake.reading("a", () -> "one too many"));
    assertThat(refusal.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    assertThat(refusal).hasMessage("The tenant's queue is full: 1 requests wait, at most 1 may");
    CompletableFuture<String> other = intake.reading("b", () -> "other");
    assertThat(first).isNotDone();
    held.complete(null);
    assertThat(first).succeedsWithin(PATIENCE).isEqualTo("first");
    assertThat(other).succeedsWithin(PATIENCE).isEqualTo("other");
    assertThat(intake.reading("a", () -> "again")).succeedsWithin(PATIENCE).isEqualTo("again");
  }

  @Test
  void aReadingThatFailsGivesItsPlaceBack() {
    CompletableFuture<String> failing =
        intake.reading(
            "a",
            () -> {
              throw TrimtabException.invalid("no such token");
            });
    assertThat(failing)
        .failsWithin(PATIENCE)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(TrimtabException.class)
        .withMessage("no such token");
    assertThat(admission.waiting()).isZero();
  }

  @Test
  void nothingIsReadOnceTheLoopHasStopped() throws Exception {
    hold();
    CompletableFuture<String> waiting = intake.reading("a", () -> "too late");
    loop.stop();
    held.complete(null);
    assertThat(waiting)
        .failsWithin(PATIENCE)
        .withThrowableThat()
        .havingCause()
        .isInstanceOfSatisfying(
            TrimtabException.class,
            reason -> assertThat(reason.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    assertThatThrownBy(() -> intake.reading("b", () -> "too late"))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            reason -> assertThat(reason.code()).isEqualTo(ErrorCode.UNAVAILABLE));
  }

  /** Occupies both threads that read. */
  private void hold() {
    intake.executor().execute(held::join);
    intake.executor().execute(held::join);
  }
}
