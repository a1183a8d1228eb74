package io.trimtab.adaptation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.adaptation.Meddler.Parcel;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterSelector;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.AdapterSnapshot.Existence;
import io.trimtab.adapter.Revision;
import io.trimtab.engine.EngineOptions;
import io.trimtab.engine.EngineOptions.Caches;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.ModelConfig;
import io.trimtab.testing.PeftFolder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests of many tenants while others upload, activate, roll back, damp and delete what serves
 * them: each answer is exactly that of the delta and scale that it names, and its name meant those
 * at some moment between its arrival and its admission.
 */
@Timeout(600)
class AdaptersUnderLoadTest {
  private static final String CHECKPOINT = "models/dinghy-llava";
  private static final long SEED = Long.getLong("test.seed", 6);
  private static final int REQUESTS = Integer.getInteger("test.requests", 2_000);
  private static final int TENANTS = 50;
  private static final int ADAPTERS = 200;
  private static final int WEIGHTS = 24;
  private static final int IN_FLIGHT = 24;
  private static final int MEDDLERS = 3;
  private static final int REQUESTS_PER_CHANGE = 3;

  /** Between the two best log-probabilities; kernels differ by batch size by some 1e-5. */
  private static final float MARGIN = 1e-3f;

  /** A third of the pool at one scale. */
  private static final long ADAPTER_BYTES = 8 << 20;

  @TempDir private Path folder;

  /** A request, what came of it, and when. Nanoseconds of the clock that only runs on. */
  private static final class Flight {
    private final AdapterId id;
    private final String selector;
    private final String requestId;
    private final Exchange exchange;
    private final long arrivedNanos = System.nanoTime();
    private volatile long decidedNanos;
    private volatile @Nullable ServedBy servedBy;
    private volatile @Nullable TrimtabException refusal;
    private volatile List<TokenLogprob> tokens = List.of();

    Flight(AdapterId id, String selector, String requestId, Exchange exchange) {
      this.id = id;
      this.selector = selector;
      this.requestId = requestId;
      this.exchange = exchange;
    }

    @Override
    public String toString() {
      return "seed %d, request %s of %s for '%s', %s"
          .formatted(SEED, requestId, id.tenant(), selector, exchange);
    }
  }

  /** What a name means, base as revision 0; the digest of base is empty and its scale 1. */
  private record Meaning(int revision, String digest, float scale) {
    private static final Meaning BASE = new Meaning(0, "", 1);

    static Meaning of(Revision revision) {
      return new Meaning(revision.revision(), revision.digest(), revision.scale());
    }

    static Meaning of(ServedBy servedBy) {
      return new Meaning(servedBy.revision(), servedBy.adapterDigest(), servedBy.scale());
    }
  }

  @Test
  void everyAnswerIsThatOfADeltaThatItsNameMeantWhenItWasAsked() throws Exception {
    List<PeftFolder> pool = pool();
    List<Exchange> exchanges = Exchange.of(CHECKPOINT);
    List<AdapterId> ids = ids();
    Set<String> tenants = new TreeSet<>(ids.stream().map(AdapterId::tenant).toList());
    List<Flight> flights;
    EngineOptions options =
        EngineOptions.defaults()
            .withMaxBatch(8)
            .withCaches(Caches.defaults().withAdapterBytes(ADAPTER_BYTES));
    LiveBench bench = LiveBench.open(CHECKPOINT, folder.resolve("store"), options);
    try (bench;
        VersionHistory history = new VersionHistory(bench.registry(), tenants)) {
      List<Parcel> parcels = pool.stream().map(Parcel::of).toList();
      Meddler first = new Meddler(bench, history, ids, parcels, SEED, "first");
      ids.forEach(id -> first.upload(id, AfterUpload.ACTIVATE));
      flights = flown(bench, history, ids, parcels, exchanges);
      history.complete();
      flights.forEach(flight -> requireExplained(flight, history));
      assertThat(history.versions()).as("changes").isGreaterThan(REQUESTS / REQUESTS_PER_CHANGE);
      assertThat(bench.engine().deltaStatistics().host().evictions()).isPositive();
    }
    assertThat(bench.leasesAfterClose()).isZero();
    requireIsolated(flights, pool, folder.resolve("alone"));
  }

  private List<PeftFolder> pool() {
    List<Set<String>> targets =
        List.of(
            Set.of("q_proj", "k_proj", "v_proj", "o_proj"),
            Set.of("gate_proj", "up_proj"),
            Set.of("up_proj", PeftFolder.PROJECTOR),
            Set.of("q_proj", "v_proj", "down_proj"),
            Set.of("q_proj", "k_proj", "v_proj", "o_proj", PeftFolder.PROJECTOR));
    int[] ranks = {4, 8, 16, 32};
    ModelConfig config = LiveBench.config(CHECKPOINT);
    return IntStream.range(0, WEIGHTS)
        .mapToObj(
            i -> {
              int rank = ranks[i % ranks.length];
              // So large that the answers of different weights differ.
              float amplitude = (float) (0.25 / Math.pow(rank, 0.25));
              return PeftFolder.random(
                  config,
                  folder.resolve("weights-" + i),
                  SEED + i,
                  rank,
                  targets.get(i % targets.size()),
                  amplitude);
            })
        .toList();
  }

  private static List<AdapterId> ids() {
    return IntStream.range(0, ADAPTERS)
        .mapToObj(
            i -> {
              int number = i / TENANTS;
              // Every other tenant has a default.
              String name =
                  number == 0 && i % 2 == 0 ? AdapterId.DEFAULT_NAME : "adapter-" + number;
              return new AdapterId("tenant-" + i % TENANTS, name);
            })
        .toList();
  }

  private static List<Flight> flown(
      LiveBench bench,
      VersionHistory history,
      List<AdapterId> ids,
      List<Parcel> parcels,
      List<Exchange> exchanges)
      throws Exception {
    Semaphore free = new Semaphore(IN_FLIGHT);
    Semaphore changes = new Semaphore(0);
    List<Flight> flights = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(MEDDLERS)) {
      List<Future<?>> meddling = new ArrayList<>();
      int each = REQUESTS / REQUESTS_PER_CHANGE / MEDDLERS;
      for (int i = 0; i < MEDDLERS; i++) {
        Meddler meddler = new Meddler(bench, history, ids, parcels, SEED + 1 + i, "meddler-" + i);
        meddling.add(
            threads.submit(
                () -> {
                  for (int change = 0; change < each; change++) {
                    acquire(changes);
                    meddler.change();
                  }
                }));
      }
      Random random = new Random(SEED);
      for (int i = 0; i < REQUESTS; i++) {
        acquire(free);
        AdapterId id = Meddler.picked(ids, random);
        Flight flight =
            new Flight(
                id,
                selector(id, random),
                "request-" + i,
                exchanges.get(random.nextInt(exchanges.size())));
        flights.add(flight);
        boolean lets = i % REQUESTS_PER_CHANGE == 0;
        fly(bench, flight)
            .whenComplete(
                (done, failure) -> {
                  free.release();
                  if (lets) {
                    changes.release();
                  }
                });
      }
      acquire(free, IN_FLIGHT);
      for (Future<?> meddler : meddling) {
        meddler.get(120, TimeUnit.SECONDS);
      }
    }
    return flights;
  }

  /** Mostly by name; a tenant's default without one; now and then a revision, or base. */
  private static String selector(AdapterId id, Random random) {
    return switch (random.nextInt(10)) {
      case 0 -> ServedBy.BASE;
      case 1, 2 -> id.name() + "@" + (1 + random.nextInt(2));
      default -> id.name().equals(AdapterId.DEFAULT_NAME) ? "" : id.name();
    };
  }

  /** Asks; complete when the answer is, whatever it is. */
  private static CompletableFuture<?> fly(LiveBench bench, Flight flight) {
    Asked asked;
    try {
      asked =
          Asked.of(
              bench.engine(),
              flight.id.tenant(),
              flight.selector,
              flight.requestId,
              flight.exchange.messages(),
              flight.exchange.tokens());
    } catch (TrimtabException e) {
      flight.refusal = e;
      flight.decidedNanos = System.nanoTime();
      return CompletableFuture.completedFuture(flight);
    }
    var decided =
        asked
            .started()
            .handle(
                (servedBy, failure) -> {
                  flight.decidedNanos = System.nanoTime();
                  flight.servedBy = servedBy;
                  return flight;
                });
    return decided.thenCombine(
        asked
            .ended()
            .handle(
                (tokens, failure) -> {
                  flight.tokens = tokens == null ? List.of() : tokens;
                  flight.refusal = failure instanceof TrimtabException refusal ? refusal : null;
                  return flight;
                }),
        (one, other) -> flight);
  }

  private static void acquire(Semaphore semaphore) {
    acquire(semaphore, 1);
  }

  private static void acquire(Semaphore semaphore, int permits) {
    try {
      assertThat(semaphore.tryAcquire(permits, 120, TimeUnit.SECONDS))
          .as("seed %d: something is done within two minutes", SEED)
          .isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void requireExplained(Flight flight, VersionHistory history) {
    List<AdapterSnapshot> possible =
        history.within(flight.id, flight.arrivedNanos, flight.decidedNanos);
    AdapterSelector selector = AdapterSelector.parse(flight.selector);
    TrimtabException refusal = flight.refusal;
    if (refusal != null) {
      assertThat(refusal.code()).as("%s: %s", flight, refusal).isEqualTo(ErrorCode.NOT_FOUND);
      assertThat(mayBeMissing(selector, flight.requestId, possible))
          .as("%s: %s, possible %s", flight, refusal, possible)
          .isTrue();
      return;
    }
    ServedBy servedBy = Objects.requireNonNull(flight.servedBy, flight.toString());
    if (selector instanceof AdapterSelector.Base) {
      assertThat(Meaning.of(servedBy)).as("%s", flight).isEqualTo(Meaning.BASE);
      return;
    }
    assertThat(possible.stream().map(each -> meaning(selector, flight.requestId, each)))
        .as("%s, possible %s", flight, possible)
        .contains(Optional.of(Meaning.of(servedBy)));
    if (servedBy.revision() != 0) {
      assertThat(servedBy.adapter()).as("%s", flight).isEqualTo(flight.id.name());
    }
  }

  /** What a name or revision means in one version; empty where it means nothing. */
  private static Optional<Meaning> meaning(
      AdapterSelector selector, String requestId, AdapterSnapshot now) {
    boolean present = now.existence() == Existence.PRESENT;
    return switch (selector) {
      case AdapterSelector.Base _ -> Optional.of(Meaning.BASE);
      case AdapterSelector.TenantDefault _ ->
          Optional.of(present ? byName(now, requestId) : Meaning.BASE);
      case AdapterSelector.Served _ ->
          present ? Optional.of(byName(now, requestId)) : Optional.empty();
      case AdapterSelector.Exact(String _, int number) -> now.revision(number).map(Meaning::of);
    };
  }

  private static Meaning byName(AdapterSnapshot now, String requestId) {
    return now.revision(now.canaryRevision())
        .filter(canary -> percentile(canary.digest(), requestId) < now.canaryPercent())
        .or(now::active)
        .map(Meaning::of)
        .orElse(Meaning.BASE);
  }

  /** The canary's hash, from its definition. */
  private static long percentile(String digest, String requestId) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest((digest + requestId).getBytes(StandardCharsets.UTF_8));
      return Long.remainderUnsigned(ByteBuffer.wrap(hash).getLong(), 100);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** Whether it was not there at one moment, or at a later one what it had meant was not. */
  private static boolean mayBeMissing(
      AdapterSelector selector, String requestId, List<AdapterSnapshot> possible) {
    Set<Integer> meant = new TreeSet<>();
    for (AdapterSnapshot each : possible) {
      Optional<Meaning> meaning = meaning(selector, requestId, each);
      if (meaning.isEmpty() || meant.stream().anyMatch(number -> each.revision(number).isEmpty())) {
        return true;
      }
      if (meaning.get().revision() != 0) {
        meant.add(meaning.get().revision());
      }
    }
    return false;
  }

  private static void requireIsolated(List<Flight> flights, List<PeftFolder> pool, Path dir)
      throws Exception {
    int answered = 0;
    int all = 0;
    int compared = 0;
    Set<String> digests = new TreeSet<>();
    Set<Float> scales = new TreeSet<>();
    try (IsolatedAnswers isolated = new IsolatedAnswers(CHECKPOINT, pool, dir)) {
      for (Flight flight : flights) {
        ServedBy servedBy = flight.servedBy;
        if (flight.refusal == null && servedBy != null) {
          List<TokenLogprob> alone = isolated.of(servedBy, flight.exchange);
          int sure = requireSame(flight, servedBy, alone);
          answered++;
          all += alone.size();
          compared += sure;
          digests.add(servedBy.adapterDigest());
          scales.add(servedBy.scale());
        }
      }
      // Were all answers alike, none could be wrong.
      assertThat(isolated.distinct()).isGreaterThan(isolated.count() * 9L / 10);
    }
    assertThat(answered).as("answered").isGreaterThan(REQUESTS * 7 / 10);
    assertThat(compared).as("tokens compared of %d", all).isGreaterThan(all * 9 / 10);
    assertThat(digests).hasSize(WEIGHTS + 1);
    assertThat(scales).contains(0f, 0.25f, 0.5f, 1f);
  }

  /** Up to the first token that another might have taken the place of; how many those are. */
  private static int requireSame(Flight flight, ServedBy servedBy, List<TokenLogprob> alone) {
    assertThat(flight.tokens).as("%s by %s", flight, servedBy).hasSameSizeAs(alone);
    int sure = sure(alone);
    for (int i = 0; i < sure; i++) {
      TokenLogprob token = flight.tokens.get(i);
      assertThat(token.token())
          .as("token %d of %s by %s", i, flight, servedBy)
          .isEqualTo(alone.get(i).token());
      // The second best too: where the best is certain, that is what tells deltas apart.
      for (int rank = 0; rank < 2; rank++) {
        assertThat(token.top().get(rank).logprob())
            .as("log-probability %d of token %d of %s by %s", rank, i, flight, servedBy)
            .isCloseTo(alone.get(i).top().get(rank).logprob(), within(MARGIN));
      }
    }
    return sure;
  }

  /** Tokens before the first one that another might have taken the place of. */
  private static int sure(List<TokenLogprob> tokens) {
    for (int i = 0; i < tokens.size(); i++) {
      List<TokenLogprob> top = tokens.get(i).top();
      if (top.get(0).logprob() - top.get(1).logprob() < MARGIN) {
        return i;
      }
    }
    return tokens.size();
  }
}
