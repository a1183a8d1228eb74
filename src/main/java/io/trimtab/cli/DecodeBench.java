package io.trimtab.cli;

import io.trimtab.engine.Engine;
import io.trimtab.engine.EngineStatistics;
import io.trimtab.engine.ServedBy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Runs rounds of equal requests through an engine and reads its counters around each. */
final class DecodeBench {
  /**
   * Medians over the rounds of one batch.
   *
   * @param stepMicros one decode step, from planning to the last token handed out
   * @param outsideMicros the part of it outside ONNX Runtime's run call
   */
  record Row(
      int batch,
      double decodeTokensPerSecond,
      double stepMicros,
      double outsideMicros,
      double prefillTokensPerSecond) {}

  private final Engine engine;
  private final BenchRequests requests;
  private final int warmups;

  /**
   * @param warmups rounds before the first counted one of each batch, for the JVM to compile
   */
  DecodeBench(Engine engine, int promptTokens, int tokens, int warmups) {
    this.engine = engine;
    this.warmups = warmups;
    this.requests = new BenchRequests(engine, promptTokens, tokens);
  }

  Row measure(int batch, int rounds) throws InterruptedException {
    for (int i = 0; i < warmups; i++) {
      round(batch);
    }
    List<EngineStatistics> counted = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      EngineStatistics before = engine.statistics();
      round(batch);
      counted.add(engine.statistics().since(before));
    }
    return new Row(
        batch,
        median(counted, round -> round.decodedTokens() / (round.decodeNanos() / 1e9)),
        median(counted, round -> round.decodeNanos() / 1e3 / round.decodeSteps()),
        median(
            counted,
            round -> (round.decodeNanos() - round.decodeRunNanos()) / 1e3 / round.decodeSteps()),
        median(counted, round -> round.prefilledTokens() / (round.prefillNanos() / 1e9)));
  }

  private void round(int batch) throws InterruptedException {
    requests.ask(Collections.nCopies(batch, ServedBy.BASE));
  }

  private static double median(
      List<EngineStatistics> rounds, ToDoubleFunction<EngineStatistics> figure) {
    double[] figures = rounds.stream().mapToDouble(figure).sorted().toArray();
    return figures.length == 0 ? Double.NaN : figures[figures.length / 2];
  }
}
