package io.trimtab.cli.bench;

import static io.trimtab.cli.bench.Samples.rounded;

import com.sun.management.OperatingSystemMXBean;
import io.trimtab.drift.DriftWatch;
import io.trimtab.drift.Quantities;
import io.trimtab.drift.Reference;
import io.trimtab.drift.ShadowStatistics;
import io.trimtab.drift.ShadowedGenerator;
import io.trimtab.drift.WatchSettings;
import io.trimtab.drift.WatchedClasses;
import io.trimtab.engine.Engine;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.Generator;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.SamplingParameters.EndTokens;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.ContentPart;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.world.World;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;

/**
 * What watching costs: as many clients as the engine has slots, each on an adapter of its own, ask
 * about pictures as fast as they are answered, with a share of the answers read by base and
 * without, by turns.
 */
final class DriftBench {
  private static final OperatingSystemMXBean MACHINE =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private static final Duration DRAIN_MAX = Duration.ofSeconds(60);
  private static final long SEED = 9_100;

  private final Engine engine;
  private final List<String> adapters;
  private final int tokens;
  private final Path states;
  private final List<List<ChatMessage>> questions;
  private final AtomicInteger asked = new AtomicInteger();

  /**
   * @param adapters one for each client
   * @param tokens of each answer
   * @param pictures that are asked about one after the other, then again
   * @param states where watches may write
   */
  DriftBench(Engine engine, List<String> adapters, int tokens, int pictures, Path states) {
    this.engine = engine;
    this.adapters = List.copyOf(adapters);
    this.tokens = tokens;
    this.states = states;
    this.questions =
        World.heldOut(SEED, pictures).stream()
            .map(
                drawing ->
                    List.of(
                        new ChatMessage(
                            Role.USER,
                            List.<ContentPart>of(
                                new PicturePart(Picture.of(drawing.png())),
                                new TextPart(drawing.questions().getFirst().text())))))
            .toList();
  }

  /** Answers a second with a share read against none, by turns. */
  Map<String, Object> shadowing(double share, int turns, long turnNanos)
      throws InterruptedException {
    Quantities quantities = new Quantities(WatchedClasses.builtIn());
    WatchSettings settings = settings(share);
    DriftWatch watch =
        new DriftWatch(
            quantities,
            (_, _) -> Reference.ofBase(quantities),
            settings,
            states,
            _ -> {},
            Clock.systemUTC());
    ExecutorService measuring = Executors.newSingleThreadExecutor();
    try {
      ShadowedGenerator shadowed =
          new ShadowedGenerator(engine, quantities, watch, settings, measuring);
      // Neither is counted: the JVM compiles.
      turn(engine, turnNanos, () -> {});
      turn(shadowed, turnNanos, () -> drain(shadowed));
      ShadowStatistics before = shadowed.statistics();
      List<Turn> off = new ArrayList<>();
      List<Turn> on = new ArrayList<>();
      for (int turn = 0; turn < turns; turn++) {
        off.add(turn(engine, turnNanos, () -> {}));
        on.add(turn(shadowed, turnNanos, () -> drain(shadowed)));
      }
      ShadowStatistics after = shadowed.statistics();
      Map<String, Object> figures = new LinkedHashMap<>();
      String name = "share %s: ".formatted(share);
      put(figures, name + "answers/s", off, on, Turn::answersPerSecond);
      put(figures, name + "CPU ms an answer", off, on, Turn::cpuMillis);
      figures.put(name + "answers chosen", after.chosen() - before.chosen());
      figures.put(name + "read by base", after.read() - before.read());
      figures.put(name + "left out", after.leftOut() - before.leftOut());
      figures.put(name + "failed", after.failed() - before.failed());
      return figures;
    } finally {
      measuring.shutdownNow();
    }
  }

  /** Waits for the readings that are still pending: they are work of their own turn. */
  private static void drain(ShadowedGenerator shadowed) {
    long end = System.nanoTime() + DRAIN_MAX.toNanos();
    while (isPending(shadowed.statistics())) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException("Answers were not read within " + DRAIN_MAX);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static boolean isPending(ShadowStatistics now) {
    return now.read() + now.leftOut() + now.failed() < now.chosen();
  }

  private static void put(
      Map<String, Object> figures,
      String name,
      List<Turn> off,
      List<Turn> on,
      ToDoubleFunction<Turn> figure) {
    Samples without = new Samples(off.stream().mapToDouble(figure).toArray());
    Samples with = new Samples(on.stream().mapToDouble(figure).toArray());
    figures.put(name + ", off", rounded(without.median()));
    figures.put(name + ", on", rounded(with.median()));
    figures.put(name + ", on / off", with.over(without).withQuartiles());
  }

  private static WatchSettings settings(double share) {
    WatchSettings defaults = WatchSettings.defaults();
    return new WatchSettings(
        share,
        defaults.tokensMax(),
        defaults.pendingMax(),
        defaults.averageRunLength(),
        defaults.warmUp(),
        defaults.watchedMax());
  }

  /**
   * What a turn took.
   *
   * @param cpuMillis of all of this process' threads, an answer
   */
  private record Turn(double answersPerSecond, double cpuMillis) {}

  /**
   * @param settled waits for what the answers still cause; the turn lasts until then
   */
  private Turn turn(Generator generator, long nanos, Runnable settled) throws InterruptedException {
    long start = System.nanoTime();
    long cpuStart = MACHINE.getProcessCpuTime();
    ExecutorService clients = Executors.newFixedThreadPool(adapters.size());
    try {
      List<Callable<Integer>> each = new ArrayList<>();
      for (String adapter : adapters) {
        each.add(
            () -> {
              int answers = 0;
              while (System.nanoTime() - start < nanos) {
                BenchRequests.Awaited answer = new BenchRequests.Awaited();
                generator.generate(
                    request(adapter, Math.floorMod(asked.getAndIncrement(), questions.size())),
                    answer);
                BenchRequests.await(answer.answer);
                answers++;
              }
              return answers;
            });
      }
      int answers = 0;
      for (Future<Integer> client : clients.invokeAll(each)) {
        answers += client.get();
      }
      settled.run();
      return new Turn(
          answers / ((System.nanoTime() - start) / 1e9),
          (MACHINE.getProcessCpuTime() - cpuStart) / 1e6 / answers);
    } catch (ExecutionException e) {
      throw new IllegalStateException("A client failed", e.getCause());
    } finally {
      clients.shutdownNow();
    }
  }

  private GenerationRequest request(String adapter, int question) {
    return new GenerationRequest(
        "bench",
        BenchRequests.TENANT,
        adapter,
        questions.get(question),
        SamplingParameters.builder().maxTokens(tokens).endTokens(EndTokens.IGNORE).build(),
        Optional.empty());
  }
}
