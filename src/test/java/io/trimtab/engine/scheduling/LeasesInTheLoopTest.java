package io.trimtab.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.engine.FolderRevisions;
import io.trimtab.engine.delta.EmptyDeltas;
import io.trimtab.engine.delta.HostDeltas;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.Prompt;
import io.trimtab.model.text.RopePositions;
import io.trimtab.ort.OrtEnvironment;
import io.trimtab.tensor.DType;
import io.trimtab.testing.PeftFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Leases of one delta, held by sequences in a loop without a model: each end gives slot, permit and
 * lease back, once. A finished request may be told a moment before its lease is back, so leases are
 * counted when the loop has ended.
 */
class LeasesInTheLoopTest {
  private static final int SLOTS = 2;

  @TempDir static Path folder;
  private static FolderRevisions revisions;
  private static OrtEnvironment environment;
  private static EmptyDeltas empty;
  private static HostDeltas host;

  private final Admission admission = new Admission(1024, 1024);
  private final ScriptedExecutor executor = new ScriptedExecutor(SLOTS, 8);
  private final StepLoop loop = new StepLoop(executor, admission, 4, SLOTS);

  @BeforeAll
  static void load() throws Exception {
    revisions = new FolderRevisions("models/dinghy-llava");
    revisions.put(
        "tenant", PeftFolder.random(revisions.config(), folder, 1, 8, Set.of("q_proj"), 0.1f));
    environment = OrtEnvironment.open();
    empty = new EmptyDeltas(environment, revisions.config().text(), DType.F32);
    host =
        new HostDeltas(
            revisions,
            new PeftReader(revisions.config(), AdapterLimits.defaults()),
            DType.F32,
            environment,
            empty,
            1 << 20);
  }

  @AfterAll
  static void close() {
    host.close();
    empty.close();
    environment.close();
  }

  @AfterEach
  void everythingIsBack() throws Exception {
    loop.stop();
    assertThat(host.statistics().leases()).isZero();
    assertThat(admission.waiting()).isZero();
  }

  @Test
  void anAdmissionThatFailsEndsThatSequenceAlone() throws Exception {
    EchoTask good = submit("good", 2, 8);
    EchoTask bad = submit("bad", 2, 8);
    EchoTask lengthy = submit("bad-lengthy", 20, 8);
    List<EchoTask> after = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      after.add(submit("after" + i, 3, 3));
    }
    executor.before =
        event -> {
          if (event.startsWith("admit bad")) {
            throw new IllegalStateException("as if device memory had run out");
          }
        };
    loop.start();
    assertThat(bad.failure().code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(lengthy.failure().code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(good.answer()).isEqualTo(answer(2, 8));
    for (EchoTask each : after) {
      assertThat(each.answer()).isEqualTo(answer(3, 3));
    }
    assertThat(executor.events()).noneMatch(event -> event.contains("bad"));
    assertThat(admission.waiting()).isZero();
  }

  @Test
  void aRefusalAtAdmissionIsToldAsItIs() {
    EchoTask refused = submit("refused", 2, 2);
    executor.before =
        event -> {
          if (event.startsWith("admit")) {
            throw new TrimtabException(ErrorCode.RESOURCE_EXHAUSTED, "no room in the arena");
          }
        };
    loop.start();
    assertThat(refused.failure()).hasMessage("no room in the arena");
    assertThat(refused.failure().code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
  }

  @Test
  void aSlotIsSeenAtAdmissionAndItsSequenceHasNotRun() {
    List<String> order = new ArrayList<>();
    executor.before = order::add;
    EchoTask task = submit("a", 2, 2);
    loop.start();
    task.answer();
    assertThat(order).startsWith("admit a", "prefill a 0..2 rows 1");
  }

  @Test
  void finishedAnswersGiveTheirLeasesBack() {
    List<EchoTask> tasks = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      // An answer of one token ends with its prompt.
      tasks.add(submit("r" + i, 1 + i, 1 + i % 3));
    }
    assertThat(host.statistics().leases()).isEqualTo(10);
    loop.start();
    tasks.forEach(EchoTask::answer);
  }

  @Test
  void runsThatFailGiveLeasesBack() {
    EchoTask inPrefill = submit("prefill", 2, 4);
    EchoTask inDecode = submit("decode", 2, 4);
    EchoTask inTask = submit("task", 2, 4);
    inTask.onAccept =
        () -> {
          throw TrimtabException.invalid("not a distribution");
        };
    EchoTask atAdmission = submit("listener", 2, 4);
    atAdmission.onAdmitted =
        () -> {
          throw new IllegalStateException("a listener that throws");
        };
    executor.before =
        event -> {
          if (event.startsWith("prefill prefill") || event.equals("decode decode")) {
            throw new IllegalStateException("as if the kernel had failed");
          }
        };
    loop.start();
    assertThat(inTask.failure().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    for (EchoTask each : List.of(inPrefill, inDecode, atAdmission)) {
      assertThat(each.failure().code()).isEqualTo(ErrorCode.INTERNAL);
    }
  }

  @Test
  void cancelledAndLateRequestsGiveLeasesBack() {
    RequestTicket running = Sequences.ticket("running", "t");
    RequestTicket prefilling = Sequences.ticket("prefilling", "t");
    RequestTicket waiting = Sequences.ticket("waiting", "t");
    EchoTask first = submit(running, 2, 500);
    EchoTask second = submit(prefilling, 400, 1);
    EchoTask third = submit(waiting, 2, 2);
    EchoTask late = submit(Sequences.lateTicket("late", "t"), 2, 2);
    int[] decodes = new int[1];
    executor.before =
        event -> {
          if (event.startsWith("decode") && ++decodes[0] == 3) {
            List.of(running, prefilling, waiting).forEach(RequestTicket::cancel);
          }
        };
    loop.start();
    for (EchoTask each : List.of(first, second, third)) {
      assertThat(each.failure().code()).isEqualTo(ErrorCode.CANCELLED);
    }
    assertThat(late.failure().code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
  }

  @Test
  void aLoopThatStopsGivesLeasesBack() throws Exception {
    List<EchoTask> tasks = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      tasks.add(submit("r" + i, 6, 900));
    }
    executor.before =
        event -> {
          // Else it might be through with them before this thread comes to stop it.
          while (event.startsWith("decode") && loop.state() == StepLoop.State.RUNNING) {
            Thread.onSpinWait();
          }
        };
    loop.start();
    loop.stop();
    tasks.add(submit("after", 1, 1));
    for (EchoTask each : tasks) {
      assertThat(each.failure().code()).isEqualTo(ErrorCode.UNAVAILABLE);
    }
  }

  @Test
  void aLoopThatNeverStartedGivesLeasesBack() throws Exception {
    EchoTask task = submit("a", 1, 1);
    loop.stop();
    assertThat(task.failure().code()).isEqualTo(ErrorCode.UNAVAILABLE);
  }

  @Test
  void aLoopThatDiesGivesLeasesBack() {
    List<EchoTask> tasks = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      tasks.add(submit("r" + i, 2, 900));
    }
    executor.before =
        event -> {
          if (event.startsWith("decode")) {
            throw new LinkageError("as if the native library were gone");
          }
        };
    loop.start();
    for (EchoTask each : tasks) {
      assertThat(each.failure().code()).isEqualTo(ErrorCode.INTERNAL);
    }
  }

  @Test
  void aLoopThatDiesAtAdmissionLeavesNobodyWaiting() {
    EchoTask task = submit("a", 2, 9);
    EchoTask waiting = submit("b", 2, 9);
    executor.before =
        event -> {
          if (event.startsWith("admit")) {
            throw new OutOfMemoryError("as if");
          }
        };
    loop.start();
    assertThat(task.failure().code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(waiting.failure().code()).isEqualTo(ErrorCode.INTERNAL);
  }

  /** Failures at random places, cancels at random times, for many sequences over few slots. */
  @Test
  void whateverGoesWrongEachLeaseComesBackOnce() {
    long seed = 20260606;
    Random random = new Random(seed);
    Random failing = new Random(seed + 1);
    List<EchoTask> tasks = new ArrayList<>();
    List<RequestTicket> tickets = new ArrayList<>();
    executor.before =
        event -> {
          boolean may = event.startsWith("admit") || event.startsWith("prefill");
          if (may && failing.nextInt(6) == 0) {
            throw new IllegalStateException("now and then");
          }
          if (failing.nextInt(8) == 0) {
            tickets.get(failing.nextInt(tickets.size())).cancel();
          }
        };
    for (int i = 0; i < 150; i++) {
      RequestTicket ticket = Sequences.ticket("r" + i, "t" + random.nextInt(3));
      tickets.add(ticket);
      tasks.add(submit(ticket, 1 + random.nextInt(12), 1 + random.nextInt(12)));
    }
    loop.start();
    long answered = tasks.stream().filter(EchoTask::answered).count();
    assertThat(answered).as("seed %d", seed).isBetween(10L, 140L);
  }

  private EchoTask submit(String id, int promptTokens, int answerTokens) {
    return submit(Sequences.ticket(id, "t"), promptTokens, answerTokens);
  }

  private EchoTask submit(RequestTicket ticket, int promptTokens, int answerTokens) {
    EchoTask task = new EchoTask(promptTokens, answerTokens);
    int[] prompt = Sequences.prompt(promptTokens, promptTokens);
    admission.enter(ticket, List.of());
    loop.submit(
        new Sequence(
            ticket,
            new Prompt(prompt, List.of(), RopePositions.sequential(promptTokens)),
            List.of(),
            host.lease(revisions.get("tenant")).orTimeout(60, TimeUnit.SECONDS).join(),
            task,
            List.of(),
            prompt,
            promptTokens + answerTokens));
    return task;
  }

  private static List<Integer> answer(int promptTokens, int answerTokens) {
    return ScriptedExecutor.answer(Sequences.prompt(promptTokens, promptTokens), answerTokens);
  }
}
