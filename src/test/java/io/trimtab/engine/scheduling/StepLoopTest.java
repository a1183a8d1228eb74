package io.trimtab.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.engine.api.EngineHealth;
import io.trimtab.engine.api.EngineStatistics;
import io.trimtab.engine.api.Priority;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The step loop over an executor without a model; requests wait before the loop starts. */
class StepLoopTest {
  private final Admission admission = new Admission(64, 64);
  private final ScriptedExecutor executor = new ScriptedExecutor(4, 8);
  private final StepLoop loop = new StepLoop(executor, admission, 4, 4);

  @AfterEach
  void stop() throws InterruptedException {
    loop.stop();
    assertThat(admission.waiting()).isZero();
  }

  @Test
  void aRequestIsPrefilledAndDecodedToItsEnd() {
    EchoTask task = submit("a", "t", 3, 4);
    loop.start();
    assertThat(task.answer()).isEqualTo(answer(3, 4));
    assertThat(executor.events())
        .containsExactly(
            "prefill a 0..3 rows 1", "decode a", "reserve 5", "decode a", "reserve 6", "decode a");
  }

  @Test
  void aLongPromptIsPrefilledInChunksBetweenDecodeStepsOfOthers() {
    EchoTask brief = submit("a", "t", 2, 5);
    EchoTask lengthy = submit("b", "t", 10, 2);
    loop.start();
    assertThat(brief.answer()).isEqualTo(answer(2, 5));
    assertThat(lengthy.answer()).isEqualTo(answer(10, 2));
    assertThat(runs())
        .containsExactly(
            "prefill a 0..2 rows 1",
            "prefill b 0..2 rows 0",
            "decode a",
            "prefill b 2..6 rows 0",
            "decode a",
            "prefill b 6..10 rows 1",
            "decode a b",
            "decode a");
  }

  @Test
  void tenantsTakeTurns() throws InterruptedException {
    StepLoop narrow = new StepLoop(new ScriptedExecutor(1, 8), admission, 8, 4);
    List<String> order = new ArrayList<>();
    List<EchoTask> tasks = new ArrayList<>();
    for (String id : List.of("a1", "a2", "a3", "b1", "c1", "b2")) {
      EchoTask task = new EchoTask(2, 1);
      task.onAdmitted = () -> order.add(id);
      tasks.add(task);
      enter(narrow, Sequences.ticket(id, id.substring(0, 1)), task, 2, 1);
    }
    narrow.start();
    tasks.forEach(EchoTask::answer);
    narrow.stop();
    assertThat(order).containsExactly("a1", "b1", "c1", "a2", "b2", "a3");
  }

  @Test
  void aTenantThatHoldsItsShareOfSlotsWaitsWhileOthersPass() throws InterruptedException {
    StepLoop shared = new StepLoop(executor, admission, 64, 2);
    List<EchoTask> tasks = new ArrayList<>();
    for (String id : List.of("a1", "a2", "a3", "b1")) {
      EchoTask task = new EchoTask(2, 3);
      tasks.add(task);
      enter(shared, Sequences.ticket(id, id.substring(0, 1)), task, 2, 3);
    }
    shared.start();
    tasks.forEach(task -> assertThat(task.answer()).isEqualTo(answer(2, 3)));
    shared.stop();
    assertThat(executor.events().stream().filter(event -> !event.startsWith("reserve")))
        .containsExactly(
            "prefill a1 0..2 rows 1",
            "prefill b1 0..2 rows 1",
            "prefill a2 0..2 rows 1",
            "decode a1 b1 a2",
            "decode a1 b1 a2",
            "prefill a3 0..2 rows 1",
            "decode a3",
            "decode a3");
  }

  @Test
  void aFullQueueRefusesAndLeavesThoseInItAlone() {
    List<EchoTask> tasks = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      tasks.add(submit("r" + i, "t", 3, 2));
    }
    assertThatThrownBy(() -> admission.enter("other"))
        .isInstanceOf(TrimtabException.class)
        .hasMessage("The queue is full: 64 requests wait, at most 64 may")
        .extracting(e -> ((TrimtabException) e).code())
        .isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    loop.start();
    tasks.forEach(task -> assertThat(task.answer()).isEqualTo(answer(3, 2)));
  }

  @Test
  void whoRunsOutOfTimeWhileWaitingNeverRuns() {
    EchoTask running = submit("a", "t", 3, 3);
    EchoTask late = new EchoTask(3, 3);
    enter(loop, Sequences.lateTicket("late", "t"), late, 3, 3);
    loop.start();
    assertThat(late.failure().code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertThat(late.failure()).hasMessageStartingWith("The request late ran out of time after");
    assertThat(running.answer()).isEqualTo(answer(3, 3));
    assertThat(executor.events()).noneMatch(event -> event.contains("late"));
  }

  @Test
  void aCancelledRequestGivesItsSlotUpOneStepLater() {
    RequestTicket ticket = Sequences.ticket("gone", "t");
    EchoTask gone = new EchoTask(1, 100);
    enter(loop, ticket, gone, 1, 100);
    EchoTask staying = submit("stays", "t", 2, 6);
    afterDecodes(2, ticket::cancel);
    loop.start();
    assertThat(gone.failure().code()).isEqualTo(ErrorCode.CANCELLED);
    assertThat(staying.answer()).isEqualTo(answer(2, 6));
    assertThat(runs())
        .containsExactly(
            "prefill gone 0..1 rows 1",
            "prefill stays 0..2 rows 1",
            "decode gone stays",
            "decode gone stays",
            "move stays 1>0",
            "decode stays",
            "decode stays",
            "decode stays");
  }

  @Test
  void whoIsCancelledWhileWaitingOrInMidPromptIsGoneToo() {
    RequestTicket lengthy = Sequences.ticket("long", "t");
    RequestTicket waiting = Sequences.ticket("waits", "t");
    EchoTask first = submit("a", "t", 2, 6);
    EchoTask inPrompt = new EchoTask(50, 1);
    enter(loop, lengthy, inPrompt, 50, 1);
    EchoTask inQueue = new EchoTask(2, 1);
    enter(loop, waiting, inQueue, 2, 1);
    EchoTask last = submit("z", "t", 2, 2);
    afterDecodes(2, lengthy::cancel, waiting::cancel);
    loop.start();
    assertThat(inPrompt.failure().code()).isEqualTo(ErrorCode.CANCELLED);
    assertThat(inQueue.failure().code()).isEqualTo(ErrorCode.CANCELLED);
    assertThat(first.answer()).isEqualTo(answer(2, 6));
    assertThat(last.answer()).isEqualTo(answer(2, 2));
  }

  @Test
  void aPrefillThatFailsEndsThatRequestAlone() {
    EchoTask good = submit("a", "t", 2, 5);
    EchoTask bad = submit("bad", "t", 2, 5);
    EchoTask after = submit("z", "t", 3, 2);
    executor.before =
        event -> {
          if (event.startsWith("prefill bad")) {
            throw new IllegalStateException("as if the kernel had failed");
          }
        };
    loop.start();
    assertThat(bad.failure().code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(good.answer()).isEqualTo(answer(2, 5));
    assertThat(after.answer()).isEqualTo(answer(3, 2));
  }

  @Test
  void aTaskThatThrowsEndsAlone() {
    EchoTask good = submit("a", "t", 2, 5);
    EchoTask bad = submit("bad", "t", 2, 5);
    int[] rows = new int[1];
    bad.onAccept =
        () -> {
          if (++rows[0] == 3) {
            throw TrimtabException.invalid("not a distribution");
          }
        };
    EchoTask atAdmission = submit("early", "t", 2, 5);
    atAdmission.onAdmitted =
        () -> {
          throw new IllegalStateException("a listener that throws");
        };
    loop.start();
    assertThat(bad.failure()).hasMessage("not a distribution");
    assertThat(atAdmission.failure().code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(good.answer()).isEqualTo(answer(2, 5));
  }

  @Test
  void aDecodeStepThatFailsEndsItsRowsAndTheLoopGoesOn() {
    EchoTask first = submit("a", "t", 2, 5);
    EchoTask second = submit("b", "t", 2, 5);
    executor.before =
        event -> {
          if (event.equals("decode a b")) {
            throw new IllegalStateException("as if the device had failed");
          }
        };
    loop.start();
    assertThat(first.failure())
        .hasMessage("The step that request a was in failed")
        .extracting(TrimtabException.class::cast)
        .extracting(TrimtabException::code)
        .isEqualTo(ErrorCode.INTERNAL);
    assertThat(second.failure().code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(submit("c", "t", 3, 4).answer()).isEqualTo(answer(3, 4));
  }

  /** Room for 4 tokens at first; the long one asks for more, which there is not. */
  @Test
  void aRowThatThereIsNoMemoryForEndsAloneAndTheOthersGoOn() {
    EchoTask grows = submit("a", "t", 3, 5);
    EchoTask fits = submit("b", "t", 2, 2);
    executor.before =
        event -> {
          if (event.startsWith("reserve")) {
            throw new IllegalStateException("as if the device's memory were full");
          }
        };
    loop.start();
    assertThat(grows.failure())
        .hasMessageStartingWith("The request a has 5 tokens and there is memory for 4")
        .extracting(TrimtabException.class::cast)
        .extracting(TrimtabException::code)
        .isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    assertThat(fits.answer()).isEqualTo(answer(2, 2));
    executor.before = event -> {};
    assertThat(submit("c", "t", 3, 5).answer()).isEqualTo(answer(3, 5));
  }

  @Test
  void aPromptThatThereIsNoMemoryForIsRefusedAndMayComeAgain() {
    executor.before =
        event -> {
          if (event.startsWith("reserve")) {
            throw new IllegalStateException("as if the device's memory were full");
          }
        };
    EchoTask longer = submit("a", "t", 6, 1);
    EchoTask fits = submit("b", "t", 2, 1);
    loop.start();
    assertThat(longer.failure())
        .hasMessageStartingWith("The request a needs memory for ")
        .hasMessageContaining("there is some for 4")
        .extracting(TrimtabException.class::cast)
        .extracting(TrimtabException::code)
        .isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    assertThat(fits.answer()).isEqualTo(answer(2, 1));
    executor.before = event -> {};
    assertThat(submit("c", "t", 6, 1).answer()).isEqualTo(answer(6, 1));
  }

  /**
   * A GPU may refuse a copy: the loop dies of it, and the request that was to be seated is told.
   */
  @Test
  void aMoveThatFailsWhileARequestIsSeatedLeavesItNotUntold() {
    EchoTask brief = submit("a", "t", 1, 2);
    EchoTask staying = submit("b", "t", 1, 1000);
    CompletableFuture<EchoTask> seated = new CompletableFuture<>();
    executor.before =
        event -> {
          if (event.startsWith("move")) {
            throw new IllegalStateException("as if the device had refused a copy");
          }
          // The last step of a: it leaves a hole, and the long prompt of c goes behind the rows.
          if (event.equals("decode a b")) {
            seated.complete(submit("c", "t", 40, 1));
          }
        };
    loop.start();
    assertThat(brief.answer()).isEqualTo(answer(1, 2));
    assertThat(staying.failure().code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(seated.orTimeout(60, TimeUnit.SECONDS).join().failure().code())
        .isEqualTo(ErrorCode.INTERNAL);
    assertThat(loop.health()).isInstanceOf(EngineHealth.Failed.class);
  }

  @Test
  void stoppingEndsEverythingAsUnavailable() throws InterruptedException {
    List<EchoTask> tasks = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      tasks.add(submit("r" + i, "t", 6, 1000));
    }
    // Else it might be through with them before this thread comes to stop it.
    afterDecodes(3, this::awaitStop);
    loop.start();
    loop.stop();
    for (EchoTask task : tasks) {
      assertThat(task.failure().code()).isEqualTo(ErrorCode.UNAVAILABLE);
    }
    assertThat(loop.health()).isInstanceOf(EngineHealth.Stopping.class);
    assertThat(submit("after", "t", 1, 1).failure().code()).isEqualTo(ErrorCode.UNAVAILABLE);
  }

  @Test
  void aLoopThatNeverStartedEndsWhatItWasGiven() throws InterruptedException {
    EchoTask task = submit("a", "t", 1, 1);
    assertThat(loop.health()).isInstanceOf(EngineHealth.Loading.class);
    loop.stop();
    assertThat(task.failure().code()).isEqualTo(ErrorCode.UNAVAILABLE);
  }

  @Test
  void aDeadLoopSaysSoAndLeavesNobodyWaiting() {
    EchoTask running = submit("a", "t", 2, 5);
    EchoTask waiting = submit("b", "t", 40, 5);
    executor.before =
        event -> {
          if (event.startsWith("decode")) {
            throw new LinkageError("as if the native library were gone");
          }
        };
    loop.start();
    assertThat(running.failure().code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(waiting.failure()).hasMessage("The step loop died");
    assertThat(loop.health()).isInstanceOf(EngineHealth.Failed.class);
    assertThat(submit("late", "t", 1, 1).failure().code()).isEqualTo(ErrorCode.UNAVAILABLE);
  }

  /** The executor refuses a run over keys and values that are not the sequence's own. */
  @Test
  void whateverComesAndGoesEveryAnswerIsItsOwn() {
    long seed = 20260101;
    Random random = new Random(seed);
    List<EchoTask> tasks = new ArrayList<>();
    List<List<Integer>> expected = new ArrayList<>();
    loop.start();
    for (int i = 0; i < 200; i++) {
      while (admission.waiting() > 40) {
        Thread.onSpinWait();
      }
      int promptTokens = 1 + random.nextInt(12);
      int answerTokens = 1 + random.nextInt(12);
      tasks.add(submit("r" + i, "t" + random.nextInt(3), promptTokens, answerTokens));
      expected.add(answer(promptTokens, answerTokens));
    }
    for (int i = 0; i < tasks.size(); i++) {
      assertThat(tasks.get(i).answer())
          .as("request %d, seed %d", i, seed)
          .isEqualTo(expected.get(i));
    }
    EngineStatistics done = loop.statistics();
    assertThat(done.moves())
        .isEqualTo(executor.events().stream().filter(event -> event.startsWith("move")).count());
  }

  @Test
  void whatWasDoneIsCounted() {
    EchoTask first = submit("a", "t", 3, 4);
    EchoTask second = submit("b", "t", 1, 2);
    loop.start();
    first.answer();
    second.answer();
    EngineStatistics done = loop.statistics();
    assertThat(done.prefilledTokens()).isEqualTo(4);
    // The first token of an answer comes with the prompt. The last step may not be counted yet.
    assertThat(done.decodeSteps()).isBetween(2L, 3L);
    assertThat(done.waiting()).isZero();
  }

  @Test
  void whatIsInTheBackgroundIsCountedAmongAllAndByItself() {
    List<EngineStatistics> atDecodes = new CopyOnWriteArrayList<>();
    executor.before =
        event -> {
          if (event.startsWith("decode")) {
            atDecodes.add(loop.statistics());
          }
        };
    EchoTask live = submit("live", "t", 1, 4);
    List<EchoTask> behind = new ArrayList<>();
    for (String id : List.of("b1", "b2", "b3")) {
      EchoTask task = new EchoTask(1, 4);
      behind.add(task);
      enter(loop, Sequences.ticket(id, "u", Priority.BACKGROUND), task, 1, 4);
    }
    assertThat(loop.statistics().waiting()).isEqualTo(4);
    assertThat(loop.statistics().waitingInBackground()).isEqualTo(3);
    loop.start();
    live.answer();
    behind.forEach(EchoTask::answer);
    // What runs is counted after each step; half of the four slots are for the background.
    EngineStatistics second = atDecodes.get(1);
    assertThat(second.running()).isEqualTo(3);
    assertThat(second.runningInBackground()).isEqualTo(2);
    assertThat(second.waiting()).isEqualTo(1);
    assertThat(second.waitingInBackground()).isEqualTo(1);
  }

  private EchoTask submit(String id, String tenant, int promptTokens, int answerTokens) {
    EchoTask task = new EchoTask(promptTokens, answerTokens);
    enter(loop, Sequences.ticket(id, tenant), task, promptTokens, answerTokens);
    return task;
  }

  private void enter(
      StepLoop into, RequestTicket ticket, Task task, int promptTokens, int answerTokens) {
    admission.enter(ticket, List.of());
    int[] prompt = Sequences.prompt(promptTokens, promptTokens);
    into.submit(Sequences.of(ticket, task, prompt, promptTokens, promptTokens + answerTokens));
  }

  private static List<Integer> answer(int promptTokens, int answerTokens) {
    return ScriptedExecutor.answer(Sequences.prompt(promptTokens, promptTokens), answerTokens);
  }

  private List<String> runs() {
    return executor.events().stream().filter(event -> !event.startsWith("reserve")).toList();
  }

  private void awaitStop() {
    while (loop.state() == StepLoop.State.RUNNING) {
      Thread.onSpinWait();
    }
  }

  private void afterDecodes(int count, Runnable... actions) {
    int[] decodes = new int[1];
    executor.before =
        event -> {
          if (event.startsWith("decode") && ++decodes[0] == count) {
            List.of(actions).forEach(Runnable::run);
          }
        };
  }
}
