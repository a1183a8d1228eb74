package io.trimtab.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trimtab.engine.api.Priority;
import io.trimtab.engine.delta.DeltaLease;
import io.trimtab.engine.vision.ImageEmbeddings;
import io.trimtab.engine.vision.ImageKey;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.GridShape;
import io.trimtab.model.text.Prompt;
import io.trimtab.model.text.RopePositions;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The door to the step loop, with one place per tenant and a pool that the test holds. */
class RequestIntakeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Admission admission = new Admission(8, 1, 100);
  private final StepLoop loop = new StepLoop(new ScriptedExecutor(1, 1), admission, 1, 1);
  private final RequestIntake intake = new RequestIntake(admission, loop);
  private final CompletableFuture<Void> held = new CompletableFuture<>();
  private final CompletableFuture<Void> oneHeld = new CompletableFuture<>();

  @BeforeEach
  void start() {
    loop.start();
  }

  @AfterEach
  void everyPermitIsBack() throws Exception {
    oneHeld.complete(null);
    held.complete(null);
    intake.close();
    loop.stop();
    assertThat(admission.waiting()).isZero();
    assertThat(admission.waitingBytes()).isZero();
  }

  @Test
  void whatIsOnlyReadTakesItsTenantsPlaceAndNoOthers() {
    hold();
    CompletableFuture<String> first = intake.prepare("a", List.of(), () -> "first");
    TrimtabException refusal =
        catchThrowableOfType(
            TrimtabException.class, () -> intake.prepare("a", List.of(), () -> "one too many"));
    assertThat(refusal.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    assertThat(refusal).hasMessage("The tenant's queue is full: 1 requests wait, at most 1 may");
    CompletableFuture<String> other = intake.prepare("b", List.of(), () -> "other");
    assertThat(first).isNotDone();
    held.complete(null);
    assertThat(first).succeedsWithin(PATIENCE).isEqualTo("first");
    assertThat(other).succeedsWithin(PATIENCE).isEqualTo("other");
    assertThat(intake.prepare("a", List.of(), () -> "again"))
        .succeedsWithin(PATIENCE)
        .isEqualTo("again");
  }

  /** As while pictures of one tenant keep both threads for seconds each. */
  @Test
  void tenantsTakeTurnsAtBeingReadAndWhatNobodyWaitsForComesLast() {
    hold();
    List<String> read = new CopyOnWriteArrayList<>();
    List<CompletableFuture<Void>> all = new ArrayList<>();
    all.add(reading("z", Priority.BACKGROUND, read, "z1"));
    for (int i = 1; i <= 10; i++) {
      all.add(reading("a", Priority.INTERACTIVE, read, "a" + i));
    }
    all.add(reading("b", Priority.INTERACTIVE, read, "b1"));
    // One thread is enough for all of them, and tells the order.
    oneHeld.complete(null);
    assertThat(CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)))
        .succeedsWithin(PATIENCE);
    assertThat(read).startsWith("a1", "b1", "a2").endsWith("a10", "z1").hasSize(12);
  }

  private CompletableFuture<Void> reading(
      String tenant, Priority priority, List<String> read, String name) {
    return CompletableFuture.runAsync(() -> read.add(name), intake.executor(tenant, priority));
  }

  @Test
  void aReadingThatFailsGivesItsPlaceBack() {
    CompletableFuture<String> failing =
        intake.prepare(
            "a",
            List.of(),
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
    CompletableFuture<String> waiting = intake.prepare("a", List.of(), () -> "too late");
    loop.stop();
    held.complete(null);
    assertThat(waiting)
        .failsWithin(PATIENCE)
        .withThrowableThat()
        .havingCause()
        .isInstanceOfSatisfying(
            TrimtabException.class,
            reason -> assertThat(reason.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    assertThatThrownBy(() -> intake.prepare("b", List.of(), () -> "too late"))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            reason -> assertThat(reason.code()).isEqualTo(ErrorCode.UNAVAILABLE));
  }

  @Test
  void picturesOfWhatWaitsAreCountedUntilItGetsItsSlot() {
    hold();
    EchoTask task = new EchoTask(1, 1);
    take("seated", memory(60), ticket -> withImage(ticket, task, 60));
    assertThat(admission.waitingBytes()).isEqualTo(60);
    assertThatThrownBy(() -> intake.prepare("other", memory(41), () -> "one too many"))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            reason -> assertThat(reason.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED));
    CompletableFuture<Integer> beside = intake.prepare("other", memory(40), () -> 40);
    held.complete(null);
    assertThat(beside).succeedsWithin(PATIENCE);
    task.answer();
  }

  @Test
  void howeverARequestEndsItsBytesAreBack() {
    CompletableFuture<TrimtabException> unread =
        take(
            "unread",
            memory(60),
            _ -> {
              throw TrimtabException.invalid("no picture");
            });
    assertThat(unread).succeedsWithin(PATIENCE);
    CompletableFuture<TrimtabException> broken =
        take(
            "broken",
            memory(60),
            _ -> {
              throw new AssertionError("as if memory did not suffice");
            });
    assertThat(broken).succeedsWithin(PATIENCE);
    assertThat(admission.waitingBytes()).isZero();
    CompletableFuture<TrimtabException> failed = new CompletableFuture<>();
    intake.take(
        Sequences.ticket("undelta", "undelta"),
        memory(60),
        () -> CompletableFuture.failedFuture(TrimtabException.invalid("no such adapter")),
        failed::complete,
        _ -> Sequences.idle("undelta", "undelta"));
    assertThat(failed).succeedsWithin(PATIENCE);
    assertThat(admission.waitingBytes()).isZero();
  }

  /** Beside another that holds as much, its embeddings don't fit any more. */
  @Test
  void aRequestWhoseEmbeddingsFindNoRoomIsRefused() {
    List<HeldMemory> others = memory(60);
    admission.enter("other", others);
    CompletableFuture<TrimtabException> refused =
        take("large", memory(10), ticket -> withImage(ticket, new EchoTask(1, 1), 41));
    assertThat(refused)
        .succeedsWithin(PATIENCE)
        .satisfies(
            reason -> {
              assertThat(reason.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
              assertThat(reason).hasMessageContaining("this request 41 more");
            });
    assertThat(admission.waitingBytes()).isEqualTo(60);
    admission.leave("other", others);
  }

  private CompletableFuture<TrimtabException> take(
      String id, List<HeldMemory> held, Function<RequestTicket, Sequence> source) {
    CompletableFuture<TrimtabException> failed = new CompletableFuture<>();
    RequestTicket ticket = Sequences.ticket(id, id);
    intake.take(
        ticket,
        held,
        () -> CompletableFuture.completedFuture(DeltaLease.ofBase()),
        failed::complete,
        _ -> source.apply(ticket));
    return failed;
  }

  private static Sequence withImage(RequestTicket ticket, EchoTask task, long bytes) {
    ImageEmbeddings image =
        new ImageEmbeddings(
            ImageKey.of("0".repeat(64), null),
            MemorySegment.ofArray(new byte[(int) bytes]),
            1,
            new GridShape(1, 1));
    Prompt prompt = new Prompt(new int[] {1}, List.of(), RopePositions.sequential(1));
    return new Sequence(
        ticket, prompt, List.of(image), DeltaLease.ofBase(), task, List.of(), new int[] {1}, 2);
  }

  private static List<HeldMemory> memory(long bytes) {
    return List.of(new HeldMemory(new Object(), bytes));
  }

  /** Occupies both threads that read. */
  private void hold() {
    // Of two tenants, lest others have their turn between them.
    intake.executor("held", Priority.INTERACTIVE).execute(held::join);
    intake
        .executor("held too", Priority.INTERACTIVE)
        .execute(() -> CompletableFuture.anyOf(held, oneHeld).join());
  }
}
