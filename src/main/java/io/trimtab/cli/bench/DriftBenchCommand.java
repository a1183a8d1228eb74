package io.trimtab.cli.bench;

import io.trimtab.cli.local.LocalEngine;
import io.trimtab.drift.WatchedClasses;
import io.trimtab.engine.Engine;
import io.trimtab.engine.EngineOptions;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.graph.Projection;
import java.io.IOException;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code trimtab bench drift}: what the drift watch costs, in this process. */
@Command(
    name = "drift",
    description = {
      "Measures requests about pictures on adapters with random weights, with a share of the"
          + " answers read by base and without, by turns in one process; a decode step with and"
          + " without the masses of token classes; and what a watched tenant costs.",
    },
    mixinStandardHelpOptions = true,
    footer = {"  trimtab bench drift --shares 0.1,0.5 --turns 10"},
    sortOptions = false)
final class DriftBenchCommand implements Callable<Integer> {
  private static final int RANK = 16;

  @Spec private CommandSpec spec;

  @Mixin private final BenchOptions options = new BenchOptions();

  @Option(
      names = "--shares",
      split = ",",
      paramLabel = "S",
      description = "Shares to measure (default: 0.1).")
  private List<Double> shares = List.of(0.1);

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Requests at a time (default: ${DEFAULT-VALUE}).")
  private int batch = 8;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "Tokens of each answer (default: ${DEFAULT-VALUE}).")
  private int tokens = 8;

  @Option(
      names = "--pictures",
      paramLabel = "N",
      description = {
        "Different pictures that are asked about by turns (default: ${DEFAULT-VALUE}, of the"
            + " bundled models' more than the caches hold, so that each is new when it comes).",
      })
  private int pictures = 6_000;

  @Option(
      names = "--turns",
      paramLabel = "N",
      description = "Turns of each kind (default: ${DEFAULT-VALUE}).")
  private int turns = 10;

  @Option(
      names = "--turn-seconds",
      paramLabel = "N",
      description = "Length of a turn (default: ${DEFAULT-VALUE}).")
  private int turnSeconds = 5;

  @Option(
      names = "--tenants",
      paramLabel = "N",
      description = "Watched tenants whose memory is measured (default: ${DEFAULT-VALUE}).")
  private int tenants = 10_000;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (pictures < 1) {
      throw new ParameterException(
          spec.commandLine(), "--pictures is %d, expected 1 and above".formatted(pictures));
    }
    // First, while all engines are as they were opened.
    Map<String, Object> masses =
        new ClassMassBench(own -> LocalEngine.engine(options.model(), own), engineOptions())
            .measured(4 * turns);
    Map<String, Object> figures = new LinkedHashMap<>();
    try (BenchFolder states = BenchFolder.make();
        BenchAdapters adapters = BenchAdapters.open();
        Engine engine =
            LocalEngine.engine(
                options.model(),
                engineOptions().withTokenSets(WatchedClasses.builtIn().sets()),
                adapters.registry())) {
      engine.start();
      figures.put("model", engine.model().name());
      figures.put("precision", engine.model().precision());
      figures.put("cores", Runtime.getRuntime().availableProcessors());
      figures.putAll(masses);
      List<String> names =
          adapters.make(
              new BenchAdapters.Recipe(
                  config(),
                  engine.model().digest(),
                  RANK,
                  EnumSet.of(Projection.Q, Projection.K, Projection.V, Projection.O)),
              "watched",
              batch);
      DriftBench bench = new DriftBench(engine, names, tokens, pictures, states.path());
      for (double share : shares) {
        figures.putAll(bench.shadowing(share, turns, TimeUnit.SECONDS.toNanos(turnSeconds)));
      }
      figures.putAll(new WatchBench(states.path()).watching(tenants));
    }
    options.print(spec, figures);
    return 0;
  }

  private EngineOptions engineOptions() {
    return EngineOptions.defaults().withMaxBatch(batch).withThreads(options.threads());
  }

  private ModelConfig config() {
    try (Checkpoint checkpoint = Checkpoint.open(LocalEngine.selection(options.model()).folder())) {
      return checkpoint.config();
    }
  }
}
