package io.trimtab.cli.bench;

import static io.trimtab.cli.bench.Samples.rounded;

import io.trimtab.drift.WatchedClasses;
import io.trimtab.engine.Engine;
import io.trimtab.engine.EngineOptions;
import io.trimtab.engine.api.ServedBy;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What the masses of token classes cost a decode step: one engine that computes them and two that
 * do not, opened alike and asked alike, by turns. By what these two differ, the figures are unsure.
 */
final class ClassMassBench {
  private static final int PROMPT_TOKENS = 24;
  private static final int STEP_TOKENS = 64;
  private static final int WARM_UP_TURNS = 4;

  private final Function<EngineOptions, Engine> opening;
  private final EngineOptions options;

  /**
   * @param options of all three; their batch is the step's
   */
  ClassMassBench(Function<EngineOptions, Engine> opening, EngineOptions options) {
    this.opening = opening;
    this.options = options;
  }

  Map<String, Object> measured(int turns) throws InterruptedException {
    try (Engine with = opening.apply(options.withTokenSets(WatchedClasses.builtIn().sets()));
        Engine without = opening.apply(options);
        Engine again = opening.apply(options)) {
      List<Engine> engines = List.of(with, without, again);
      engines.forEach(Engine::start);
      double[][] micros = new double[engines.size()][turns];
      for (int turn = -WARM_UP_TURNS; turn < turns; turn++) {
        for (int i = 0; i < engines.size(); i++) {
          // Round one way, then the other: none is always behind the same other.
          int next = Math.floorMod(turn % 2 == 0 ? turn + i : turn - i, engines.size());
          micros[next][Math.max(0, turn)] = stepMicros(engines.get(next));
        }
      }
      Samples[] steps = Arrays.stream(micros).map(Samples::new).toArray(Samples[]::new);
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("decode step µs with masses", rounded(steps[0].median()));
      figures.put("decode step µs without masses", rounded(steps[1].median()));
      figures.put("with / without", steps[0].over(steps[1]).withQuartiles());
      figures.put("without / without", steps[2].over(steps[1]).withQuartiles());
      return figures;
    }
  }

  private double stepMicros(Engine engine) throws InterruptedException {
    long first = engine.statistics().decodeSteps();
    new BenchRequests(engine, PROMPT_TOKENS, STEP_TOKENS)
        .ask(Collections.nCopies(options.maxBatch(), ServedBy.BASE));
    return Samples.ofMicros(engine.stepsSince(first).nanos()).median();
  }
}
