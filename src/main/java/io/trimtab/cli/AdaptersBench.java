package io.trimtab.cli;

import io.trimtab.adapter.Activation;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSelector;
import io.trimtab.adapter.BlobPin;
import io.trimtab.adapter.NewRevision;
import io.trimtab.adapter.PeftAdapter;
import io.trimtab.adapter.PeftReader;
import io.trimtab.adapter.RandomAdapter;
import io.trimtab.adapter.RevisionFiles;
import io.trimtab.adapter.RevisionSource.PeftFiles;
import io.trimtab.adapter.RevisionState;
import io.trimtab.engine.DeltaStatistics;
import io.trimtab.engine.Engine;
import io.trimtab.engine.EngineOptions;
import io.trimtab.engine.EngineStatistics;
import io.trimtab.engine.ServedBy;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.graph.Projection;
import io.trimtab.store.BlobDraft;
import io.trimtab.store.FileObjectStore;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * An engine with a store and a registry in a temporary folder, and what is measured on them. Kinds
 * of requests take turns, and ratios are medians over the turns: what the machine does besides
 * meets both alike.
 */
final class AdaptersBench implements AutoCloseable {
  /** Rounds of each kind that are not counted, for the JVM to compile. */
  private static final int WARMUPS = 3;

  private static final int PROMPT_TOKENS = 24;
  private static final int FEW = 5;

  private final Path folder;
  private final FileObjectStore store;
  private final AdapterRegistry registry;
  private final Engine engine;
  private final ModelConfig config;
  private final PeftReader reader;
  private final Set<Projection> targets;
  private final int batch;
  private final BenchRequests requests;

  private AdaptersBench(
      Path folder,
      FileObjectStore store,
      AdapterRegistry registry,
      Engine engine,
      ModelConfig config,
      Set<Projection> targets,
      int batch,
      int tokens) {
    this.folder = folder;
    this.store = store;
    this.registry = registry;
    this.engine = engine;
    this.config = config;
    this.reader = new PeftReader(config, AdapterLimits.defaults());
    this.targets = targets;
    this.batch = batch;
    this.requests = new BenchRequests(engine, PROMPT_TOKENS, tokens);
  }

  static AdaptersBench open(
      LocalModel model, Set<Projection> targets, int batch, int tokens, int threads)
      throws IOException {
    Path folder = Files.createTempDirectory("trimtab-bench-");
    FileObjectStore store = FileObjectStore.open(folder.resolve(FileObjectStore.FOLDER));
    AdapterLimits limits = new AdapterLimits(512, 1 << 20, 2L << 30, 100_000, 16);
    AdapterRegistry registry = AdapterRegistry.open(store, limits, Clock.systemUTC());
    EngineOptions options =
        EngineOptions.defaults()
            .withMaxBatch(batch)
            .withThreads(threads)
            // Prompts are to be run, and every adapter kept warm, whatever their number.
            .withCaches(
                EngineOptions.Caches.defaults().withPrefixBytes(0).withAdapterBytes(16L << 30));
    Engine engine = LocalEngine.engine(model, options, registry);
    engine.start();
    ModelConfig config;
    try (Checkpoint checkpoint = Checkpoint.open(LocalEngine.selection(model).folder())) {
      config = checkpoint.config();
    }
    return new AdaptersBench(folder, store, registry, engine, config, targets, batch, tokens);
  }

  Map<String, Object> model() {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("model", engine.model().name());
    figures.put("precision", engine.model().precision());
    figures.put("device", engine.model().device());
    figures.put("cores", Runtime.getRuntime().availableProcessors());
    figures.put("batch", batch);
    return figures;
  }

  /** Requests on as many adapters, on one adapter, and on half of each against base. */
  Map<String, Object> mixed(int rank, int rounds) throws IOException, InterruptedException {
    List<String> distinct = adapters("r" + rank, rank, batch);
    List<String> base = Collections.nCopies(batch, ServedBy.BASE);
    List<String> one = Collections.nCopies(batch, distinct.getFirst());
    List<String> half = new ArrayList<>(base.subList(0, batch / 2));
    half.addAll(distinct.subList(0, batch - batch / 2));
    DeltaStatistics before = engine.deltaStatistics();
    double[][] turns = new double[4][rounds];
    for (int round = -WARMUPS; round < rounds; round++) {
      List<List<String>> kinds = List.of(base, distinct, one, half);
      for (int kind = 0; kind < kinds.size(); kind++) {
        double rate = decodeRate(kinds.get(kind));
        if (round >= 0) {
          turns[kind][round] = rate;
        }
      }
    }
    DeltaStatistics after = engine.deltaStatistics();
    String name = "rank %d: ".formatted(rank);
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put(name + "base tok/s", rounded(median(turns[0])));
    figures.put(name + batch + " adapters tok/s", rounded(median(turns[1])));
    figures.put(name + batch + " adapters / base", ratio(turns[1], turns[0]));
    figures.put(name + "one adapter for all / base", ratio(turns[2], turns[0]));
    figures.put(name + "half on adapters, half on base / base", ratio(turns[3], turns[0]));
    figures.put(
        name + "bytes of an adapter on disk",
        registry.get(id(distinct.getFirst())).revisions().getFirst().files().bytes());
    figures.put(
        name + "bytes in host memory",
        (after.host().bytes() - before.host().bytes())
            / Math.max(1, after.host().deltas() - before.host().deltas()));
    figures.put(name + "bytes of a slot in the arena", after.arenaBytes() / batch);
    return figures;
  }

  /** Many adapters with Zipf popularity against a few, and base before and after they came. */
  Map<String, Object> popular(int rank, int many, int rounds)
      throws IOException, InterruptedException {
    List<String> base = Collections.nCopies(batch, ServedBy.BASE);
    double[] without = new double[rounds];
    double[] with = new double[rounds];
    for (int round = -WARMUPS; round < rounds; round++) {
      double rate = decodeRate(base);
      without[Math.max(0, round)] = rate;
    }
    List<String> all = adapters("many", rank, many);
    for (String adapter : all) {
      BenchRequests.await(
          engine.preload(
              registry
                  .resolve(BenchRequests.TENANT, new AdapterSelector.Served(adapter), "preload")
                  .orElseThrow()));
    }
    for (int round = -WARMUPS; round < rounds; round++) {
      double rate = decodeRate(base);
      with[Math.max(0, round)] = rate;
    }
    SplittableRandom random = new SplittableRandom(1);
    double[] few = new double[rounds];
    double[] zipf = new double[rounds];
    for (int round = -WARMUPS; round < rounds; round++) {
      double rateOfFew = wallRate(draw(all.subList(0, FEW), random));
      double rateOfAll = wallRate(draw(all, random));
      if (round >= 0) {
        few[round] = rateOfFew;
        zipf[round] = rateOfAll;
      }
    }
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("base tok/s without adapters", rounded(median(without)));
    figures.put("base tok/s, %d in host memory".formatted(many), rounded(median(with)));
    figures.put("their cost: with / without", rounded(median(with) / median(without)));
    figures.put(
        "%d in host memory, bytes".formatted(many), engine.deltaStatistics().host().bytes());
    figures.put("Zipf over %d, requests/s".formatted(FEW), rounded(median(few)));
    figures.put("Zipf over %d, requests/s".formatted(many), rounded(median(zipf)));
    figures.put("Zipf: %d / %d".formatted(many, FEW), ratio(zipf, few));
    return figures;
  }

  /**
   * One adapter moves between two warm revisions, and is asked for one token after each move, while
   * all other slots but one decode base.
   */
  Map<String, Object> swaps(int rank, int swaps) throws IOException, InterruptedException {
    AdapterId id = id("swapped");
    add(id, rank, 1);
    add(id, rank, 2);
    for (int revision = 1; revision <= 2; revision++) {
      BenchRequests.await(
          engine.preload(
              registry
                  .resolve(id.tenant(), new AdapterSelector.Exact(id.name(), revision), "preload")
                  .orElseThrow()));
    }
    BenchRequests oneToken = new BenchRequests(engine, 2, 1);
    try (Background others = new Background(requests, batch - 1)) {
      others.awaitRunning(engine);
      long calmFrom = engine.statistics().decodeSteps();
      Thread.sleep(3_000);
      double[] calm = micros(engine.stepNanosSince(calmFrom));
      long swapsFrom = engine.statistics().decodeSteps();
      double[] firstTokens = new double[swaps];
      double[] activations = new double[swaps];
      for (int swap = 0; swap < swaps; swap++) {
        long before = System.nanoTime();
        registry.activate(id, Activation.of(1 + swap % 2));
        long returned = System.nanoTime();
        BenchRequests.Awaited answer = new BenchRequests.Awaited();
        oneToken.ask(id.name(), answer);
        firstTokens[swap] = (BenchRequests.await(answer.firstToken) - returned) / 1e3;
        activations[swap] = (returned - before) / 1e3;
        BenchRequests.await(answer.answer);
      }
      double[] during = micros(engine.stepNanosSince(swapsFrom));
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("swaps: activation µs, median", rounded(median(activations)));
      figures.put("swaps: to the first token µs, median", rounded(median(firstTokens)));
      figures.put("swaps: to the first token µs, 99 %", rounded(quantile(firstTokens, 0.99)));
      figures.put("step of the others without µs, median", rounded(median(calm)));
      figures.put("step of the others without µs, 99 %", rounded(quantile(calm, 0.99)));
      figures.put("step of the others without µs, slowest", rounded(quantile(calm, 1)));
      figures.put("step of the others during µs, median", rounded(median(during)));
      figures.put("step of the others during µs, 99 %", rounded(quantile(during, 0.99)));
      figures.put("step of the others during µs, slowest", rounded(quantile(during, 1)));
      figures.put("slowest during / median without", rounded(quantile(during, 1) / median(calm)));
      return figures;
    }
  }

  /** Requests that go on one after the other until this is closed. */
  private static final class Background implements AutoCloseable {
    private final BenchRequests requests;
    private final int count;
    private final Thread thread;
    private volatile boolean ending;

    Background(BenchRequests requests, int count) {
      this.requests = requests;
      this.count = count;
      this.thread = Thread.ofPlatform().name("bench-others").start(this::run);
    }

    private void run() {
      try {
        while (!ending) {
          requests.ask(Collections.nCopies(count, ServedBy.BASE));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    void awaitRunning(Engine engine) throws InterruptedException {
      while (engine.statistics().running() < count) {
        Thread.sleep(10);
      }
    }

    @Override
    public void close() throws InterruptedException {
      ending = true;
      thread.join();
    }
  }

  private static AdapterId id(String name) {
    return new AdapterId(BenchRequests.TENANT, name);
  }

  private List<String> adapters(String prefix, int rank, int count) throws IOException {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = prefix + "-" + i;
      add(id(name), rank, (long) rank << 32 | i);
      registry.activate(id(name), Activation.of(1));
      names.add(name);
    }
    return names;
  }

  private void add(AdapterId id, int rank, long seed) throws IOException {
    PeftFiles files =
        RandomAdapter.write(config.text(), folder.resolve("written"), rank, targets, seed);
    String configBlob = blob(files.config());
    String weightsBlob = blob(files.weights());
    try (BlobPin _ = registry.pin(configBlob, weightsBlob);
        Arena arena = Arena.ofShared()) {
      PeftAdapter adapter = reader.read(files.config(), files.weights(), arena);
      registry.add(
          id,
          new NewRevision(
              adapter.digest(),
              RevisionState.STAGED,
              "bench",
              adapter.rank(),
              adapter.targets(),
              adapter.parameters(),
              new RevisionFiles(
                  configBlob,
                  weightsBlob,
                  Files.size(files.config()) + Files.size(files.weights())),
              "",
              "",
              engine.model().digest(),
              1,
              null));
    }
  }

  private String blob(Path file) throws IOException {
    try (BlobDraft draft = store.newBlob(Files.size(file))) {
      draft.write(ByteBuffer.wrap(Files.readAllBytes(file)));
      return draft.commit();
    }
  }

  /** A batch for every request slot, four times over, drawn by popularity 1/rank. */
  private List<String> draw(List<String> adapters, SplittableRandom random) {
    double[] cumulative = new double[adapters.size()];
    double sum = 0;
    for (int i = 0; i < cumulative.length; i++) {
      sum += 1.0 / (i + 1);
      cumulative[i] = sum;
    }
    List<String> drawn = new ArrayList<>();
    for (int i = 0; i < 8 * batch; i++) {
      int at = Arrays.binarySearch(cumulative, random.nextDouble() * sum);
      drawn.add(adapters.get(at < 0 ? -at - 1 : at));
    }
    return drawn;
  }

  /** Tokens decoded a second of decode steps. */
  private double decodeRate(List<String> adapters) throws InterruptedException {
    EngineStatistics before = engine.statistics();
    requests.ask(adapters);
    EngineStatistics done = engine.statistics().since(before);
    return done.decodedTokens() / (done.decodeNanos() / 1e9);
  }

  /** Requests answered a second. */
  private double wallRate(List<String> adapters) throws InterruptedException {
    long start = System.nanoTime();
    requests.ask(adapters);
    return adapters.size() / ((System.nanoTime() - start) / 1e9);
  }

  private static double[] micros(long[] nanos) {
    return Arrays.stream(nanos).mapToDouble(each -> each / 1e3).toArray();
  }

  private static String ratio(double[] numerators, double[] denominators) {
    double[] ratios = new double[numerators.length];
    Arrays.setAll(ratios, i -> numerators[i] / denominators[i]);
    return String.format(
        Locale.ROOT,
        "%.3f (quartiles %.3f to %.3f)",
        median(ratios),
        quantile(ratios, 0.25),
        quantile(ratios, 0.75));
  }

  private static String rounded(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.3f" : "%.0f", value);
  }

  private static double median(double[] values) {
    return quantile(values, 0.5);
  }

  private static double quantile(double[] values, double share) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted.length == 0
        ? Double.NaN
        : sorted[(int) Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  }

  @Override
  public void close() throws IOException {
    engine.close();
    store.close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
