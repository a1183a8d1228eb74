package io.trimtab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.engine.api.Completion.FinishReason;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.RecordingListener;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.engine.api.ScoringRequest;
import io.trimtab.engine.api.ScoringResult;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Floats;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.TensorFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What other servers of adapters were wounded by, asked of one engine on a bundled model. */
class AdapterWoundsTest {
  private static final String CHECKPOINT = "models/dinghy-llava";
  private static final SampleQuestion SAMPLE = SampleQuestion.of(CHECKPOINT).getFirst();
  private static final Question SHOWN = Question.of(SAMPLE.text(), SAMPLE.picture()).greedy(12);
  private static final Question TOLD = Question.of("Say 9:30.").greedy(12);
  private static final Question ENDLESS = TOLD.greedy(1500);

  @TempDir Path folders;
  private final FolderRevisions revisions = new FolderRevisions(CHECKPOINT);
  private final List<CountDownLatch> held = new ArrayList<>();
  private AdapterBank bank;
  private Engine engine;

  @BeforeEach
  void open() {
    bank = new AdapterBank(revisions.config(), folders);
    engine = opened(EngineOptions.Caches.defaults());
  }

  @AfterEach
  void everyLeaseComesBack() {
    held.forEach(CountDownLatch::countDown);
    engine.close();
    assertThat(engine.deltaStatistics().host().leases()).isZero();
  }

  private Engine opened(EngineOptions.Caches caches) {
    Engine opened =
        OpenedEngines.open(
            CHECKPOINT,
            OpenedEngines.options(4, 512).withCaches(caches),
            RotaryFrequencies.FLOAT32,
            revisions);
    opened.start();
    return opened;
  }

  /** One that holds no more than one delta of this size, and of pictures and prefixes nothing. */
  private Engine forgetful(long bytes) {
    return opened(new EngineOptions.Caches(0, 0, 0, bytes, 0));
  }

  private List<TokenLogprob> ask(Question question, String adapter) {
    return question.ask(engine, "default", adapter).tokens();
  }

  /** vllm #44939: the picture's embeddings were those of the projector of that name before. */
  @Test
  void aProjectorReplacedUnderTheSameNameIsAskedLikeAfterAColdStart() {
    PeftFolder first = bank.make("first", 1, 16, AdapterBank.PROJECTOR);
    PeftFolder second = bank.make("second", 2, 16, AdapterBank.PROJECTOR);
    List<TokenLogprob> base = ask(SHOWN, "base");
    revisions.put("tenant", first);
    List<TokenLogprob> before = ask(SHOWN, "tenant");
    revisions.put("tenant", second);
    List<TokenLogprob> after = ask(SHOWN, "tenant");
    revisions.put("tenant", second, 0.25f);
    List<TokenLogprob> damped = ask(SHOWN, "tenant");
    List<TokenLogprob> baseAgain = ask(SHOWN, "base");
    assertThat(List.of(base, before, after, damped)).doesNotHaveDuplicates();
    try (Engine cold = opened(EngineOptions.Caches.defaults())) {
      assertThat(SHOWN.ask(cold, "default", "tenant").tokens()).isEqualTo(damped);
      revisions.put("tenant", second);
      assertThat(SHOWN.ask(cold, "default", "tenant").tokens()).isEqualTo(after);
      revisions.put("tenant", first);
      assertThat(SHOWN.ask(cold, "default", "tenant").tokens()).isEqualTo(before);
      assertThat(SHOWN.ask(cold).tokens()).isEqualTo(base).isEqualTo(baseAgain);
    }
  }

  /** vllm #42125, #30931: what was kept under a name outlived the weights that it was made by. */
  @Test
  void nothingIsStaleAfterReplacingEvictingAndLoadingAgain() {
    PeftFolder[] folders = new PeftFolder[3];
    List<List<TokenLogprob>> fresh = new ArrayList<>();
    for (int i = 0; i < folders.length; i++) {
      folders[i] = bank.make("tenant" + i, 10 + i, 8, AdapterBank.EVERYTHING);
      revisions.put("fresh" + i, folders[i]);
      try (Engine cold = opened(EngineOptions.Caches.defaults())) {
        fresh.add(SHOWN.ask(cold, "default", "fresh" + i).tokens());
      }
    }
    assertThat(fresh).doesNotHaveDuplicates();
    ask(SHOWN, "fresh0");
    long one = engine.deltaStatistics().host().bytes();
    engine.close();
    engine = opened(EngineOptions.Caches.defaults().withAdapterBytes(one + one / 2));
    long seed = 20260604;
    Random random = new Random(seed);
    int holds = 0;
    for (int i = 0; i < 30; i++) {
      // What the name means changes, and what another name means, and which of them is asked.
      int put = random.nextInt(folders.length);
      if (random.nextBoolean()) {
        revisions.put("shared-name", folders[put]);
        holds = put;
      } else {
        revisions.put("shared-name", folders[holds]);
      }
      int other = random.nextInt(folders.length);
      assertThat(ask(SHOWN, "fresh" + other)).as("seed %d", seed).isEqualTo(fresh.get(other));
      assertThat(ask(SHOWN, "shared-name")).as("seed %d", seed).isEqualTo(fresh.get(holds));
    }
    assertThat(engine.deltaStatistics().host().evictions()).isGreaterThan(10);
    assertThat(engine.deltaStatistics().host().bytes()).isLessThanOrEqualTo(one + one / 2);
  }

  /** The request is served by what its name meant when it came, whatever it means later. */
  @Test
  void aNameThatChangesInMidAnswerChangesTheNextAnswerAlone() throws Exception {
    revisions.put("tenant", bank.make("first", 1, 8, AdapterBank.ALL));
    PeftFolder second = bank.make("second", 2, 40, AdapterBank.ALL);
    List<TokenLogprob> alone = ask(TOLD.greedy(40), "tenant");
    RecordingListener running = new RecordingListener();
    CompletableFuture<String> replaced = new CompletableFuture<>();
    running.atToken =
        count -> {
          if (count == 10) {
            replaced.complete(revisions.put("tenant", second));
          }
        };
    TOLD.greedy(40).ask(engine, "default", "tenant", running);
    String digest = replaced.get(60, TimeUnit.SECONDS);
    RecordingListener next = TOLD.ask(engine, "default", "tenant");
    assertThat(next.servedBy().adapterDigest()).isEqualTo(digest);
    Answers.requireSame(running.tokens(), alone, "the running one");
    assertThat(running.servedBy().adapterDigest()).isNotEqualTo(digest);
    assertThat(next.tokens()).isNotEqualTo(alone.subList(0, 12));
  }

  /** vllm #48019: an adapter that did nothing was served as if it were tuned. */
  @Test
  void outputChangeTellsWhatDoesNothingFromWhatDoes() throws Exception {
    assertThat(change(bank.make("zeros", 1, 8, AdapterBank.EVERYTHING, 0, DType.F32))).isZero();
    assertThat(change(bank.make("attention", 2, 8, AdapterBank.ATTENTION))).isGreaterThan(1e-3f);
    assertThat(change(bank.make("projector", 3, 8, AdapterBank.PROJECTOR))).isGreaterThan(1e-3f);
    assertThat(change(bank.make("slight", 4, 1, AdapterBank.ATTENTION, 1e-3f, DType.F32)))
        .isBetween(1e-7f, 1e-2f);
    assertThat(change(bank.make("huge", 5, 8, AdapterBank.ALL, 1e30f, DType.F32))).isNaN();
    assertThat(change(bank.make("huge-projector", 6, 8, AdapterBank.PROJECTOR, 1e30f, DType.F32)))
        .isNaN();
    // The probe's own numbers are as they were.
    assertThat(change(bank.make("zeros", 1, 8, AdapterBank.EVERYTHING, 0, DType.F32))).isZero();
  }

  private float change(PeftFolder folder) throws Exception {
    try (Arena arena = Arena.ofShared()) {
      PeftAdapter adapter = revisions.read(folder, arena);
      return engine.outputChange(adapter).get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void hugeFiniteWeightsFailTheirOwnRequestAndTheSlotServesTheNext() throws Exception {
    revisions.put("huge", bank.make("huge", 1, 8, AdapterBank.ALL, 1e30f, DType.F32));
    revisions.put("huge-projector", bank.make("hp", 2, 8, AdapterBank.PROJECTOR, 1e30f, DType.F32));
    revisions.put("tuned", bank.make("tuned", 3, 8, AdapterBank.ALL));
    List<TokenLogprob> alone = ask(SHOWN, "tuned");
    List<TokenLogprob> base = ask(SHOWN, "base");
    for (String name : List.of("huge", "huge-projector")) {
      List<RecordingListener> neighbours = new ArrayList<>();
      List<RecordingListener> bad = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        neighbours.add(SHOWN.ask(engine, "default", "tuned"));
        bad.add(SHOWN.ask(engine, "default", name));
        neighbours.add(SHOWN.ask(engine, "default", "base"));
      }
      for (RecordingListener each : bad) {
        assertThat(each.failure().code()).isEqualTo(ErrorCode.FAILED_PRECONDITION);
      }
      for (int i = 0; i < neighbours.size(); i++) {
        Answers.requireSame(neighbours.get(i).tokens(), i % 2 == 0 ? alone : base, name);
      }
    }
    assertThat(ask(SHOWN, "tuned")).isEqualTo(alone);
    assertThat(ask(SHOWN, "base")).isEqualTo(base);
  }

  @Test
  void scaleZeroIsBaseAndHalfIsHalfOfB() {
    PeftFolder folder = bank.make("whole", 1, 8, AdapterBank.EVERYTHING);
    revisions.put("whole", folder);
    revisions.put("silent", folder, 0);
    revisions.put("damped", folder, 0.5f);
    revisions.put("halved", withHalvedB(bank.make("halved", 1, 8, AdapterBank.EVERYTHING)));
    List<TokenLogprob> base = ask(SHOWN, "base");
    assertThat(ask(SHOWN, "silent")).isEqualTo(base);
    List<TokenLogprob> damped = ask(SHOWN, "damped");
    // Halving is exact in floats, so nothing differs at all.
    assertThat(ask(SHOWN, "halved")).isEqualTo(damped);
    assertThat(List.of(base, damped, ask(SHOWN, "whole"))).doesNotHaveDuplicates();
  }

  private static PeftFolder withHalvedB(PeftFolder folder) {
    TensorFile weights = folder.readWeights();
    for (Map.Entry<String, TensorFile.Entry> each : weights.tensors().entrySet()) {
      if (each.getKey().contains("lora_B")) {
        TensorFile.Entry entry = each.getValue();
        byte[] data = entry.data().clone();
        MemorySegment memory = MemorySegment.ofArray(data);
        for (int i = 0; i < data.length / 4; i++) {
          float value = Floats.get(memory, DType.F32, i);
          Floats.set(memory, DType.F32, i, value / 2);
        }
        weights = weights.with(each.getKey(), entry.dtype(), entry.shape(), data);
      }
    }
    return folder.write(folder.readConfig(), weights);
  }

  /** sglang #36894, #25864: cancels and disconnects left counts behind, and unloading hung. */
  @Test
  void howeverRequestsEndNoLeaseIsLeft() throws Exception {
    revisions.put("tenant", bank.make("tenant", 1, 8, AdapterBank.ALL));
    RecordingListener finished = TOLD.ask(engine, "default", "tenant");
    RecordingListener cancelled = RecordingListener.lingering();
    RequestHandle running = ENDLESS.ask(engine, "default", "tenant", cancelled);
    cancelled.awaitStart();
    assertThat(engine.deltaStatistics().host().deltas()).isEqualTo(1);
    running.cancel();
    RecordingListener late = new RecordingListener();
    engine.generate(
        new GenerationRequest(
            "late",
            "default",
            "tenant",
            TOLD.messages(),
            ENDLESS.sampling(),
            Optional.of(Instant.now().plusMillis(30))),
        late);
    RecordingListener throwing = new RecordingListener();
    throwing.atToken =
        count -> {
          throw new IllegalStateException("a client that has gone");
        };
    TOLD.ask(engine, "default", "tenant", throwing);
    assertThat(throwing.failure().code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(late.failure().code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertThat(cancelled.completion().reason()).isEqualTo(FinishReason.CANCELLED);
    finished.completion();
    // Most are told in the step that gives their lease back; a step later all are back.
    ask(TOLD, "base");
    assertThat(engine.deltaStatistics().host().leases()).isZero();
    RecordingListener stopped = RecordingListener.lingering();
    ENDLESS.ask(engine, "default", "tenant", stopped);
    stopped.awaitStart();
    engine.close();
    assertThat(stopped.failure().code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(engine.deltaStatistics().host().leases()).isZero();
  }

  @Test
  void manyRequestsOnOneDeltaCancelledAtAnyMomentLeaveNothing() throws Exception {
    long seed = 20260605;
    Random random = new Random(seed);
    PeftFolder folder = bank.make("a", 1, 8, AdapterBank.ALL);
    revisions.put("a", folder);
    revisions.put("b", bank.make("b", 2, 16, AdapterBank.ALL));
    ask(TOLD, "b");
    long large = engine.deltaStatistics().host().bytes();
    engine.close();
    // One of the two fits at a time: each must wait for the other's last lease.
    engine = forgetful(large);
    Semaphore ended = new Semaphore(0);
    List<RequestHandle> handles = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      RecordingListener listener = new RecordingListener();
      listener.atEnd = ended::release;
      int last = random.nextInt(8);
      CompletableFuture<RequestHandle> handle = new CompletableFuture<>();
      listener.atToken =
          count -> {
            if (count == last) {
              handle.thenAccept(RequestHandle::cancel);
            }
          };
      handle.complete(TOLD.ask(engine, "default", random.nextBoolean() ? "a" : "b", listener));
      handles.add(handle.join());
      if (random.nextInt(3) == 0) {
        handles.get(random.nextInt(handles.size())).cancel();
      }
    }
    assertThat(ended.tryAcquire(60, 120, TimeUnit.SECONDS)).as("seed %d", seed).isTrue();
    ask(TOLD, "b");
    ask(TOLD, "a");
    ask(TOLD, "base");
    assertThat(engine.deltaStatistics().host().leases()).as("seed %d", seed).isZero();
    assertThat(engine.statistics().waiting()).isZero();
  }

  @Test
  void aRequestWhoseAdapterIsBeingFetchedHoldsUpNobody() throws Exception {
    revisions.put("warm", bank.make("warm", 1, 8, AdapterBank.ALL));
    revisions.put("cold", bank.make("cold", 2, 8, AdapterBank.ALL));
    revisions.put("other", bank.make("other", 3, 8, AdapterBank.ALL));
    ask(TOLD, "warm");
    CountDownLatch fetching = new CountDownLatch(1);
    CountDownLatch hanging = hold();
    revisions.beforeFiles =
        () -> {
          fetching.countDown();
          await(hanging);
        };
    RecordingListener waiting = TOLD.ask(engine, "default", "cold");
    assertThat(fetching.await(60, TimeUnit.SECONDS)).isTrue();
    revisions.beforeFiles = () -> {};
    for (int i = 0; i < 4; i++) {
      ask(TOLD, "warm");
      ask(SHOWN, "base");
      ask(TOLD, "other");
    }
    assertThat(engine.statistics().waiting()).isEqualTo(1);
    hanging.countDown();
    assertThat(waiting.tokens()).hasSize(12);
    assertThat(waiting.servedBy().adapter()).isEqualTo("cold");
  }

  @Test
  void whoGoesOrRunsOutOfTimeWhileAnAdapterIsFetchedIsToldAtOnce() throws Exception {
    revisions.put("cold", bank.make("cold", 2, 8, AdapterBank.ALL));
    CountDownLatch hanging = hold();
    revisions.beforeFiles = () -> await(hanging);
    RecordingListener gone = new RecordingListener();
    RequestHandle handle = TOLD.ask(engine, "default", "cold", gone);
    RecordingListener late = new RecordingListener();
    engine.generate(
        new GenerationRequest(
            "late",
            "default",
            "cold",
            TOLD.messages(),
            TOLD.sampling(),
            Optional.of(Instant.now().plusMillis(20))),
        late);
    CompletableFuture<ScoringResult> scored = engine.score(scoring("cold"));
    handle.cancel();
    scored.cancel(false);
    assertThat(gone.failure().code()).isEqualTo(ErrorCode.CANCELLED);
    assertThat(late.failure().code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertThat(engine.statistics().waiting()).isZero();
    RecordingListener stays = TOLD.ask(engine, "default", "cold");
    hanging.countDown();
    assertThat(stays.tokens()).hasSize(12);
  }

  private static ScoringRequest scoring(String adapter) {
    return new ScoringRequest(
        "score",
        "default",
        adapter,
        TOLD.messages(),
        "No.",
        ScoringRequest.Positions.CONTINUATION,
        Optional.empty());
  }

  /** sglang #25864: stopping waited for ever for what was being loaded. */
  @Test
  void stoppingWaitsForNoFetch() throws Exception {
    List<RecordingListener> waiting = new ArrayList<>();
    CountDownLatch hanging = hold();
    revisions.beforeFiles = () -> await(hanging);
    for (int i = 0; i < 4; i++) {
      revisions.put("cold" + i, bank.make("cold" + i, i, 8, AdapterBank.ATTENTION));
      waiting.add(TOLD.ask(engine, "default", "cold" + i));
    }
    CompletableFuture<Void> preload = engine.preload(revisions.get("cold3"));
    engine.close();
    for (RecordingListener each : waiting) {
      assertThat(each.failure().code()).isEqualTo(ErrorCode.UNAVAILABLE);
    }
    assertThatThrownBy(() -> preload.get(60, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(TrimtabException.class);
    assertThat(engine.statistics().waiting()).isZero();
    hanging.countDown();
  }

  @Test
  void aFetchThatFailsFailsThatRequestAloneAndTheNextIsServed() throws Exception {
    PeftFolder folder = bank.make("tenant", 1, 8, AdapterBank.ALL);
    revisions.put("tenant", folder);
    revisions.put("warm", bank.make("warm", 2, 8, AdapterBank.ALL));
    List<TokenLogprob> warm = ask(TOLD, "warm");
    byte[] weights = Files.readAllBytes(folder.weights());
    revisions.beforeFiles =
        () -> {
          throw new IllegalStateException("as if the disk had failed");
        };
    assertThat(failureBesides("tenant", warm)).isEqualTo(ErrorCode.INTERNAL);
    revisions.beforeFiles =
        () -> {
          throw new OutOfMemoryError("as if");
        };
    assertThat(failureBesides("tenant", warm)).isEqualTo(ErrorCode.INTERNAL);
    revisions.beforeFiles = () -> {};
    Files.delete(folder.weights());
    assertThat(failureBesides("tenant", warm)).isNotNull();
    Files.write(folder.weights(), Arrays.copyOf(weights, weights.length / 2));
    assertThat(failureBesides("tenant", warm)).isNotNull();
    byte[] turned = weights.clone();
    turned[turned.length - 2] ^= 1;
    Files.write(folder.weights(), turned);
    assertThat(failureBesides("tenant", warm)).isEqualTo(ErrorCode.INTERNAL);
    Files.write(folder.weights(), weights);
    assertThat(ask(TOLD, "tenant")).hasSize(12).isNotEqualTo(warm);
    assertThat(engine.statistics().waiting()).isZero();
  }

  private ErrorCode failureBesides(String broken, List<TokenLogprob> warm) {
    RecordingListener neighbour = TOLD.ask(engine, "default", "warm");
    RecordingListener failing = TOLD.ask(engine, "default", broken);
    ErrorCode code = failing.failure().code();
    Answers.requireSame(neighbour.tokens(), warm, "beside the failure");
    return code;
  }

  @Test
  void aRequestThatIsRefusedAtTheDoorHasNothingFetched() throws IOException {
    engine.close();
    engine =
        OpenedEngines.open(
            CHECKPOINT, OpenedEngines.options(1, 64, 1), RotaryFrequencies.FLOAT32, revisions);
    engine.start();
    revisions.put("first", bank.make("first", 1, 8, AdapterBank.ATTENTION));
    revisions.put("second", bank.make("second", 2, 8, AdapterBank.ATTENTION));
    CountDownLatch hanging = hold();
    Semaphore fetches = new Semaphore(0);
    revisions.beforeFiles =
        () -> {
          fetches.release();
          await(hanging);
        };
    RecordingListener waiting = TOLD.ask(engine, "default", "first");
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(() -> TOLD.ask(engine, "default", "second"))
          .isInstanceOf(TrimtabException.class)
          .hasMessageContaining("queue is full");
    }
    hanging.countDown();
    assertThat(waiting.tokens()).hasSize(12);
    assertThat(fetches.availablePermits()).isEqualTo(1);
    assertThat(engine.deltaStatistics().host().loads()).isEqualTo(1);
  }

  private CountDownLatch hold() {
    CountDownLatch latch = new CountDownLatch(1);
    held.add(latch);
    return latch;
  }

  /** Waits whatever interrupts come, as a read from a dead mount does. */
  private static void await(CountDownLatch latch) {
    boolean interrupted = false;
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
