package io.trimtab.adaptation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trimtab.adaptation.FaultyStore.Step;
import io.trimtab.adapter.Activation;
import io.trimtab.adapter.Activation.Force;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.NewRevision;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.RevisionFiles;
import io.trimtab.adapter.RevisionState;
import io.trimtab.engine.EngineOptions;
import io.trimtab.engine.EngineOptions.Caches;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.FileObjectStore;
import io.trimtab.testing.PeftFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A swap that fails at any step leaves the old delta serving and tells its caller; the next try
 * works. And a swap that is done survives a restart.
 */
@Timeout(300)
class SwapFailuresTest {
  private static final String CHECKPOINT = "reference/llava-onevision";
  private static final PeftFolder OLD = PeftFolder.reference("llava-onevision", "sa-proj");
  private static final PeftFolder NEW = PeftFolder.reference("llava-onevision", "gate-up-rslora");
  private static final AdapterId BIRDS = new AdapterId("acme", "birds");

  /** The reference adapters fit one at a time, so that each load finds the memory full. */
  private static final EngineOptions OPTIONS =
      EngineOptions.defaults().withCaches(Caches.defaults().withAdapterBytes(64 << 10));

  @TempDir private Path folder;

  private FaultyStore store;
  private LiveBench bench;

  @BeforeEach
  void open() {
    FileObjectStore files = FileObjectStore.open(folder.resolve("store"));
    store = new FaultyStore(files);
    bench = LiveBench.open(CHECKPOINT, files, store, OPTIONS);
  }

  @AfterEach
  void close() {
    assertThat(bench.leasesAfterClose()).isZero();
  }

  /** What is broken before a swap, and how it is mended. */
  private record Break(
      String name, ErrorCode expected, Function<SwapFailuresTest, Runnable> breaks) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Break> breaks() {
    Function<Revision, String> config = revision -> revision.files().config();
    Function<Revision, String> weights = revision -> revision.files().weights();
    return Stream.of(
        new Break("the configuration is gone", ErrorCode.INTERNAL, test -> test.hide(config)),
        new Break("the weights are gone", ErrorCode.INTERNAL, test -> test.hide(weights)),
        new Break("the configuration is spoilt", ErrorCode.INTERNAL, test -> test.spoil(config)),
        new Break("the weights are spoilt", ErrorCode.INTERNAL, test -> test.spoil(weights)),
        unavailable("the store cannot read blobs", Step.BLOB),
        unavailable("the store cannot look for newer versions", Step.READ),
        unavailable("the store fails before it writes the version", Step.PUT),
        unavailable("the store fails after it has written the version", Step.AFTER_PUT),
        new Break(
            "the program runs out of memory",
            ErrorCode.INTERNAL,
            test ->
                test.failing(
                    Step.BLOB,
                    () -> {
                      throw new OutOfMemoryError("as the test ordered");
                    })));
  }

  private static Break unavailable(String name, Step step) {
    return new Break(
        name,
        ErrorCode.UNAVAILABLE,
        test ->
            test.failing(
                step,
                () -> {
                  throw new TrimtabException(ErrorCode.UNAVAILABLE, "The disk is away");
                }));
  }

  @ParameterizedTest
  @MethodSource("breaks")
  void anActivationThatFailsLeavesTheOldServing(Break what) throws Exception {
    Revision old = bench.serve(BIRDS, OLD);
    Revision next = bench.upload(BIRDS, NEW, NoopPolicy.REFUSE, AfterUpload.STAGE);
    List<Integer> before = answerOf(old);

    Runnable mended = what.breaks.apply(this);
    requireFails(what.expected, () -> bench.publisher().activate(BIRDS, Activation.of(2)));
    assertThat(bench.registry().get(BIRDS).activeRevision()).isEqualTo(1);
    assertThat(answerOf(old)).isEqualTo(before);

    mended.run();
    assertThat(bench.publisher().activate(BIRDS, Activation.of(2)).activeRevision()).isEqualTo(2);
    assertThat(answerOf(next)).isNotEqualTo(before);
    assertThat(bench.publisher().rollback(BIRDS, "").activeRevision()).isEqualTo(1);
    assertThat(answerOf(old)).isEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("breaks")
  void aRollbackThatFailsLeavesWhatIsServed(Break what) throws Exception {
    // What is rolled back to is the second, which the breaks break.
    bench.upload(BIRDS, OLD, NoopPolicy.REFUSE, AfterUpload.STAGE);
    Revision before = bench.serve(BIRDS, NEW);
    List<Integer> good = answerOf(before);
    bench.publisher().activate(BIRDS, Activation.of(1));
    Revision now = bench.registry().get(BIRDS).active().orElseThrow();
    List<Integer> served = answerOf(now);

    Runnable mended = what.breaks.apply(this);
    requireFails(what.expected, () -> bench.publisher().rollback(BIRDS, ""));
    assertThat(bench.registry().get(BIRDS).activeRevision()).isEqualTo(1);
    assertThat(answerOf(now)).isEqualTo(served);

    mended.run();
    // Where the version was written all the same, that is what the next look finds.
    if (bench.registry().refresh(BIRDS).activeRevision() != 2) {
      bench.publisher().rollback(BIRDS, "");
    }
    assertThat(answerOf(before)).isEqualTo(good);
  }

  /** What fails is the loading; the revision waits, and its caller is told that it does. */
  @Test
  void anUploadThatCannotBeActivatedLeavesTheOldServing() throws Exception {
    Revision old = bench.serve(BIRDS, OLD);
    List<Integer> before = answerOf(old);
    failing(
        Step.BLOB,
        () -> {
          throw new TrimtabException(ErrorCode.UNAVAILABLE, "The disk is away");
        });
    assertThatThrownBy(() -> bench.serve(BIRDS, NEW))
        .hasMessage("Revision 2 of birds is kept, but not active: The disk is away");
    assertThat(answerOf(old)).isEqualTo(before);
    bench.publisher().activate(BIRDS, Activation.of(2));
    assertThat(answerOf(bench.registry().get(BIRDS).active().orElseThrow())).isNotEqualTo(before);
  }

  /** What fails is the writing of the revision or of its files. */
  @ParameterizedTest
  @EnumSource(names = {"NEW_BLOB", "HAS_BLOB", "READ", "PUT", "AFTER_PUT"})
  void anUploadThatFailsLeavesTheOldServing(Step step) throws Exception {
    Revision old = bench.serve(BIRDS, OLD);
    List<Integer> before = answerOf(old);
    failing(
        step,
        () -> {
          throw new TrimtabException(ErrorCode.UNAVAILABLE, "The disk is away");
        });
    requireFails(ErrorCode.UNAVAILABLE, () -> bench.serve(BIRDS, NEW));
    assertThat(bench.registry().get(BIRDS).activeRevision()).isEqualTo(1);
    assertThat(answerOf(old)).isEqualTo(before);
    Revision next = bench.serve(BIRDS, NEW);
    assertThat(answerOf(next)).isNotEqualTo(before);
    // A revision whose version was written although the store said no has its files too.
    for (Revision each : bench.registry().refresh(BIRDS).revisions()) {
      assertThat(bench.registry().files(ResolvedRevision.of(BIRDS, each)).weights()).exists();
    }
  }

  @Test
  void aLoadThatHangsAndThenFailsHoldsNobodyUp() throws Exception {
    Revision old = bench.serve(BIRDS, OLD);
    bench.upload(BIRDS, NEW, NoopPolicy.REFUSE, AfterUpload.STAGE);
    List<Integer> before = answerOf(old);
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    store.atNext(
        Step.BLOB,
        () -> {
          reached.countDown();
          awaitUninterruptibly(goOn);
          throw new TrimtabException(ErrorCode.UNAVAILABLE, "The disk went away");
        });
    CompletableFuture<AdapterSnapshot> swap =
        CompletableFuture.supplyAsync(
            () -> bench.publisher().activate(BIRDS, Activation.of(2)), Thread::startVirtualThread);
    assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(answerOf(old)).isEqualTo(before);
    assertThat(bench.registry().get(BIRDS).activeRevision()).isEqualTo(1);
    assertThat(swap).isNotDone();

    goOn.countDown();
    assertThatThrownBy(() -> swap.get(60, TimeUnit.SECONDS)).hasMessageContaining("went away");
    assertThat(answerOf(old)).isEqualTo(before);
    bench.publisher().activate(BIRDS, Activation.of(2));
    assertThat(answerOf(bench.registry().get(BIRDS).active().orElseThrow())).isNotEqualTo(before);
  }

  @Test
  void anAdapterThatHostMemoryIsTooSmallForLeavesTheOldServing() throws Exception {
    Revision old = bench.serve(BIRDS, OLD);
    List<Integer> before = answerOf(old);
    PeftFolder large =
        PeftFolder.random(
            LiveBench.config(CHECKPOINT),
            folder.resolve("large"),
            1,
            64,
            Set.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"),
            0.1f);
    // Refused before it is kept: no revision of it could ever be served here.
    requireFails(ErrorCode.RESOURCE_EXHAUSTED, () -> bench.serve(BIRDS, large));
    assertThat(bench.registry().get(BIRDS).activeRevision()).isEqualTo(1);
    assertThat(answerOf(old)).isEqualTo(before);

    Revision small = bench.serve(BIRDS, NEW);
    assertThat(small.revision()).isEqualTo(2);
    assertThat(answerOf(small)).isNotEqualTo(before);
  }

  /** As after a store was put together from two by hand. */
  @Test
  void filesOfAnotherDigestAreNotServedUnderThisOne() throws Exception {
    Revision old = bench.serve(BIRDS, OLD);
    List<Integer> before = answerOf(old);
    RevisionFiles files = bench.upload(BIRDS, NEW, NoopPolicy.REFUSE, AfterUpload.STAGE).files();
    bench
        .registry()
        .add(
            BIRDS,
            new NewRevision(
                "f".repeat(64),
                RevisionState.STAGED,
                "upload",
                4,
                List.of(),
                1,
                files,
                "",
                "",
                bench.engine().model().digest(),
                1,
                null));
    requireFails(ErrorCode.INTERNAL, () -> bench.publisher().activate(BIRDS, Activation.of(3)));
    assertThat(answerOf(old)).isEqualTo(before);
  }

  /** The scale is part of what is loaded, so damping is a swap like any other. */
  @ParameterizedTest
  @MethodSource("breaks")
  void aDampingThatFailsLeavesTheOldScaleServing(Break what) throws Exception {
    bench.upload(BIRDS, OLD, NoopPolicy.REFUSE, AfterUpload.STAGE);
    Revision served = bench.serve(BIRDS, NEW);
    List<Integer> before = answerOf(served);

    Runnable mended = what.breaks.apply(this);
    requireFails(what.expected, () -> bench.publisher().setScale(BIRDS, 0, 0.5f, "drifts"));
    assertThat(bench.registry().get(BIRDS).active()).contains(served);

    mended.run();
    bench.publisher().setScale(BIRDS, 0, 0.5f, "drifts");
    Asked asked = asked("request");
    assertThat(asked.servedBy().scale()).isEqualTo(0.5f);
    assertThat(asked.tokens()).isNotEmpty();
    bench.publisher().setScale(BIRDS, 0, 1, "");
    assertThat(answerOf(served)).isEqualTo(before);
  }

  @Test
  void whatCannotBeLoadedCanStillBeDampedToBase() throws Exception {
    bench.upload(BIRDS, OLD, NoopPolicy.REFUSE, AfterUpload.STAGE);
    bench.serve(BIRDS, NEW);
    Runnable _ = hide(revision -> revision.files().weights());
    bench.publisher().setScale(BIRDS, 0, 0, "drifts");
    assertThat(asked("request").ids())
        .isEqualTo(Asked.of(bench.engine(), "acme", "base", "What is this?").ids());
  }

  /**
   * Two tenants have uploaded the same weights and one deletes its own while both wait for them:
   * the other is served from its own files.
   */
  @Test
  void anothersDeletionFailsNobodyWhoWaitsForTheSameWeights() throws Exception {
    AdapterId other = new AdapterId("globex", "fish");
    bench.upload(BIRDS, OLD, NoopPolicy.REFUSE, AfterUpload.STAGE);
    PeftFolder same = new PeftFolder(folder.resolve("same"));
    same.write(OLD.readConfig().put("revision", "other bytes"), OLD.readWeights());
    bench.upload(other, same, NoopPolicy.REFUSE, AfterUpload.STAGE);
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    store.atNext(
        Step.BLOB,
        () -> {
          reached.countDown();
          awaitUninterruptibly(goOn);
        });
    Asked first = Asked.of(bench.engine(), "acme", "birds@1", "What is this?");
    assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
    Asked second = Asked.of(bench.engine(), "globex", "fish@1", "What is this?");
    bench.registry().delete(BIRDS, 0, "");
    goOn.countDown();
    assertThat(second.tokens()).isNotEmpty();
    assertThat(catchThrowableOfType(Exception.class, first::tokens))
        .hasRootCauseInstanceOf(TrimtabException.class)
        .rootCause()
        .hasMessage("There is no revision 1 of the adapter 'birds'");
  }

  @Test
  void aRestartServesWhatWasServedWithScaleAndCanary() throws Exception {
    bench.serve(BIRDS, OLD);
    bench.upload(BIRDS, NEW, NoopPolicy.REFUSE, AfterUpload.STAGE);
    bench.publisher().setScale(BIRDS, 0, 0.5f, "drifts");
    bench.publisher().activate(BIRDS, new Activation(2, 50, Force.RESPECTING_STATE, "", 0));
    AdapterSnapshot before = bench.registry().get(BIRDS);
    List<String> requests = Stream.iterate(0, i -> i + 1).limit(16).map(i -> "r" + i).toList();
    List<Served> answers = served(requests);
    assertThat(answers).extracting(Served::digest).hasSizeGreaterThan(2);
    assertThat(answers.stream().map(Served::digest).distinct()).hasSize(2);
    assertThat(answers.stream().map(Served::scale).distinct()).contains(0.5f, 1f);

    close();
    open();
    assertThat(bench.registry().get(BIRDS)).isEqualTo(before);
    assertThat(served(requests)).isEqualTo(answers);
  }

  private record Served(String digest, float scale, List<Integer> tokens) {}

  private List<Served> served(List<String> requests) throws Exception {
    List<Asked> asked = requests.stream().map(this::asked).toList();
    List<Served> answers = new ArrayList<>();
    for (Asked each : asked) {
      answers.add(new Served(each.servedBy().adapterDigest(), each.servedBy().scale(), each.ids()));
    }
    return answers;
  }

  private Asked asked(String requestId) {
    return Asked.of(
        bench.engine(), "acme", "birds", requestId, List.of(Asked.user("What is this?")), 12);
  }

  /** The answer by name, which must be that revision's. */
  private List<Integer> answerOf(Revision revision) throws Exception {
    Asked asked = asked("request");
    List<Integer> ids = asked.ids();
    assertThat(asked.servedBy().adapterDigest()).isEqualTo(revision.digest());
    assertThat(asked.servedBy().scale()).isEqualTo(revision.scale());
    return ids;
  }

  private static void requireFails(ErrorCode code, Runnable swap) {
    assertThat(catchThrowableOfType(TrimtabException.class, swap::run))
        .isNotNull()
        .extracting(TrimtabException::code)
        .isEqualTo(code);
  }

  private Runnable failing(Step step, Runnable fault) {
    store.atNext(step, fault);
    return () -> {};
  }

  /** Takes a file of revision 2 away until it is mended. */
  private Runnable hide(Function<Revision, String> which) {
    Path blob = blob(which);
    Path aside = folder.resolve("hidden");
    move(blob, aside);
    return () -> move(aside, blob);
  }

  /** Turns one bit of it. */
  private Runnable spoil(Function<Revision, String> which) {
    Path blob = blob(which);
    turnLastBit(blob);
    return () -> turnLastBit(blob);
  }

  private Path blob(Function<Revision, String> which) {
    return bench.files().blob(which.apply(bench.registry().get(BIRDS).revision(2).orElseThrow()));
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void turnLastBit(Path file) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length - 1] ^= 1;
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
