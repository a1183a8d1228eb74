package io.trimtab.cli.bench;

import static io.trimtab.cli.bench.Samples.rounded;

import io.trimtab.adaptation.job.TrainingThrottle;
import io.trimtab.cli.bench.MeteredRun.Holding;
import io.trimtab.cli.bench.TrainedUpdates.Span;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * What serving and training cost each other. Serving alone, both, serving alone again and training
 * alone take turns, so that what the machine does besides meets all alike; the second serving alone
 * shows how far two turns of the same kind differ.
 */
final class TuningBench {
  /** For the engine to be quiet between two kinds. */
  private static final long SETTLE_MILLIS = 250;

  /** No micro-batch that is waited for takes longer. */
  private static final Duration MICRO_BATCH_MAX = Duration.ofMinutes(5);

  private final BenchClients clients;
  private final int clientCount;
  private final int answerTokens;
  private final TrainingThrottle throttle;
  private final MeteredRun run;
  private final TrainedUpdates updates;
  private final double tokensPerUpdate;
  private final long turnNanos;
  private final int turns;

  /**
   * @param run of a job that trains; shut when this is made
   * @param turnNanos of each kind, each turn
   */
  TuningBench(
      BenchClients clients,
      int clientCount,
      int answerTokens,
      TrainingThrottle throttle,
      MeteredRun run,
      TrainedUpdates updates,
      double tokensPerUpdate,
      long turnNanos,
      int turns) {
    this.clients = clients;
    this.clientCount = clientCount;
    this.answerTokens = answerTokens;
    this.throttle = throttle;
    this.run = run;
    this.updates = updates;
    this.tokensPerUpdate = tokensPerUpdate;
    this.turnNanos = turnNanos;
    this.turns = turns;
  }

  /** One turn of all four kinds. */
  private record Turn(
      Served alone, Served both, Served again, Span trainedAlone, Span trained, Holding holding) {}

  /** Tokens a second that the engine serves these clients when they never wait. */
  double capacity() throws InterruptedException {
    settle();
    var _ = clients.serve(turnNanos, 0, 0);
    return clients.serve(turnNanos, 0, 0).tokensPerSecond();
  }

  /**
   * The figures of one load.
   *
   * @param load share of the capacity that is asked for; from 1, clients never wait
   * @param capacity tokens a second
   */
  Map<String, Object> measure(double load, double capacity) throws InterruptedException {
    double gapNanos = load >= 1 ? 0 : clientCount * answerTokens / (load * capacity) * 1e9;
    List<Turn> all = new ArrayList<>();
    for (int turn = 0; turn < turns; turn++) {
      all.add(turn(gapNanos, turn));
    }
    Map<String, Object> figures = new LinkedHashMap<>();
    String name = String.format(Locale.ROOT, "load %.2g: ", load);
    figures.put(
        name + "served alone, of capacity",
        turns(all, turn -> turn.alone.tokensPerSecond() / capacity));
    served(figures, name + "alone, ", all, Turn::alone);
    served(figures, name + "both, ", all, Turn::both);
    served(figures, name + "alone again, ", all, Turn::again);
    figures.put(
        name + "both / alone, p95 of time per token",
        ratio(all, Turn::both, served -> served.tokenMicros().quantile(0.95)));
    figures.put(
        name + "again / alone, p95 of time per token",
        ratio(all, Turn::again, served -> served.tokenMicros().quantile(0.95)));
    figures.put(
        name + "both / alone, p95 of an answer's mean",
        ratio(all, Turn::both, served -> served.answerMicros().quantile(0.95)));
    figures.put(
        name + "both / alone, p95 of first token",
        ratio(all, Turn::both, served -> served.firstMicros().quantile(0.95)));
    figures.put(name + "trained tok/s alone", turns(all, turn -> rate(turn.trainedAlone)));
    figures.put(name + "trained tok/s both", turns(all, turn -> rate(turn.trained)));
    figures.put(
        name + "trained both / alone, of all turns",
        rounded(
            (double) all.stream().mapToInt(turn -> turn.trained.updates()).sum()
                / all.stream().mapToInt(turn -> turn.trainedAlone.updates()).sum()));
    figures.put(
        name + "share of time held",
        turns(all, turn -> (double) turn.holding.heldNanos() / turn.holding.openNanos()));
    figures.put(
        name + "holds a second",
        turns(all, turn -> turn.holding.holds() / (turn.holding.openNanos() / 1e9)));
    figures.put(
        name + "longest hold, s", turns(all, turn -> turn.holding.longestHeldNanos() / 1e9));
    figures.put(
        name + "longest without an update, s",
        turns(all, turn -> turn.trained.longestWithoutNanos() / 1e9));
    figures.put(
        name + "the same alone, s",
        turns(all, turn -> turn.trainedAlone.longestWithoutNanos() / 1e9));
    return figures;
  }

  private Turn turn(double gapNanos, int number) throws InterruptedException {
    Served alone = clients.serve(turnNanos, gapNanos, number);
    run.open();
    throttle.training(run);
    long from = System.nanoTime();
    Served both = clients.serve(turnNanos, gapNanos, number);
    Span trained = updates.between(from, from + turnNanos);
    throttle.training(null);
    Holding holding = run.shut();
    settle();
    Served again = clients.serve(turnNanos, gapNanos, number);
    run.open();
    throttle.training(run);
    from = System.nanoTime();
    Thread.sleep(turnNanos / 1_000_000);
    Span trainedAlone = updates.between(from, from + turnNanos);
    throttle.training(null);
    run.shut();
    settle();
    return new Turn(alone, both, again, trainedAlone, trained, holding);
  }

  /** Returns when the micro-batch that was under way is over. */
  private void settle() throws InterruptedException {
    long end = System.nanoTime() + MICRO_BATCH_MAX.toNanos();
    do {
      Thread.sleep(SETTLE_MILLIS);
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException(
            "The trainer was paused, and does not stand after " + MICRO_BATCH_MAX);
      }
    } while (!run.isHeld());
  }

  private double rate(Span span) {
    return span.updates() * tokensPerUpdate / (span.nanos() / 1e9);
  }

  private static void served(
      Map<String, Object> figures, String name, List<Turn> turns, Function<Turn, Served> kind) {
    figures.put(name + "tok/s", turns(turns, turn -> kind.apply(turn).tokensPerSecond()));
    for (int percent : new int[] {50, 95, 99}) {
      figures.put(
          "%sµs per token, p%d".formatted(name, percent),
          turns(turns, turn -> kind.apply(turn).tokenMicros().quantile(percent / 100.0)));
    }
    figures.put(
        name + "µs to first token, p95",
        turns(turns, turn -> kind.apply(turn).firstMicros().quantile(0.95)));
  }

  private static String ratio(
      List<Turn> turns, Function<Turn, Served> kind, Function<Served, Double> figure) {
    return turns(turns, turn -> figure.apply(kind.apply(turn)) / figure.apply(turn.alone));
  }

  /** The median turn, and all of them where there are more. */
  private static String turns(List<Turn> turns, Function<Turn, Double> figure) {
    Samples samples = new Samples(turns.stream().mapToDouble(figure::apply).toArray());
    return turns.size() == 1
        ? rounded(samples.median())
        : "%s (%s to %s)"
            .formatted(
                rounded(samples.median()),
                rounded(samples.quantile(0)),
                rounded(samples.quantile(1)));
  }
}
