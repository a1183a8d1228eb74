package io.trimtab.cli.bench;

import io.trimtab.adaptation.job.TrainingThrottle;
import io.trimtab.cli.local.LocalEngine;
import io.trimtab.engine.Engine;
import io.trimtab.engine.EngineOptions;
import io.trimtab.engine.api.ModelSelection;
import io.trimtab.tuning.ProcessMemory;
import io.trimtab.tuning.TuningProcess;
import io.trimtab.tuning.TuningProcessOptions;
import io.trimtab.tuning.job.JobFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code trimtab bench tuning}: what serving and tuning cost each other, in this process. */
@Command(
    name = "tuning",
    description = {
      "Measures requests and a tuning job alone and together, by turns: time per token as clients"
          + " see it, tokens trained a second, how long training is held.",
      "The job, its process and what holds it are those of the server.",
    },
    mixinStandardHelpOptions = true,
    footer = {"  trimtab bench tuning --load 0.5,1 --seconds 60 --json"},
    sortOptions = false)
final class TuningBenchCommand implements Callable<Integer> {
  private static final long HEAP_BYTES_MAX = 1L << 30;

  private static final Duration SILENCE_MAX = Duration.ofMinutes(10);

  private static final Duration STOP_GRACE = Duration.ofSeconds(20);

  @Spec private CommandSpec spec;

  @Mixin private final BenchOptions options = new BenchOptions();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Of each kind and load, all turns together (default: ${DEFAULT-VALUE}).")
  private double seconds = 60;

  @Option(
      names = "--turns",
      paramLabel = "N",
      description = "Turns of each kind and load (default: ${DEFAULT-VALUE}).")
  private int turns = 3;

  @Option(
      names = "--load",
      split = ",",
      paramLabel = "L",
      description =
          "Shares of what the engine can serve these clients, 1 for all (default: 0.5,1).")
  private List<Double> loads = List.of(0.5, 1.0);

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      description = "Clients (default: ${DEFAULT-VALUE}).")
  private int concurrency = 8;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "Tokens of each answer, from 2 (default: ${DEFAULT-VALUE}).")
  private int tokens = 64;

  @Option(
      names = "--corrections",
      paramLabel = "N",
      description = "Corrections of the job (default: ${DEFAULT-VALUE}).")
  private int corrections = 400;

  @Option(
      names = "--rehearsal",
      paramLabel = "N",
      description = "Rehearsal prompts of the job (default: ${DEFAULT-VALUE}).")
  private int rehearsal = 600;

  @Option(
      names = "--micro-batch",
      paramLabel = "N",
      description = "Sequences that are trained on at once, up to 16 (default: ${DEFAULT-VALUE}).")
  private int microBatch = 16;

  @Option(
      names = "--tuning-threads",
      paramLabel = "N",
      description = "Threads of PyTorch (default: as the server, one less than the cores).")
  private int tuningThreads;

  @Option(
      names = "--latency-allowance",
      paramLabel = "X",
      description = "How much slower a step may get before training is held (default: 1.2).")
  private double allowance = TrainingThrottle.Limits.DEFAULT.allowance();

  @Option(
      names = "--held-millis-max",
      paramLabel = "MS",
      description = "Longest that training stands under load (default: 60000).")
  private long heldMillisMax = TrainingThrottle.Limits.DEFAULT.heldMax().toMillis();

  @Override
  public Integer call() throws IOException, InterruptedException {
    require(loads.stream().allMatch(load -> load > 0), "--load", "above 0");
    require(seconds > 0, "--seconds", "above 0");
    require(turns >= 1, "--turns", "from 1");
    require(concurrency >= 1, "--concurrency", "from 1");
    require(tokens >= 2, "--tokens", "from 2");
    require(corrections >= 1, "--corrections", "from 1");
    require(microBatch >= 1, "--micro-batch", "from 1");
    ModelSelection selection = LocalEngine.selection(options.model());
    // Every request has the same prompt: it is to be run, not copied.
    EngineOptions engineOptions =
        EngineOptions.defaults()
            .withThreads(options.threads())
            .withCaches(EngineOptions.Caches.defaults().withPrefixBytes(0));
    try (BenchFolder folder = BenchFolder.make();
        Engine engine = LocalEngine.engine(options.model(), engineOptions);
        TuningProcess trainer = new TuningProcess(processOptions(selection.data()))) {
      engine.start();
      JobFolder job = BenchJob.layOut(folder.path(), engine, selection, size());
      options.print(spec, measured(engine, trainer, job));
    }
    return 0;
  }

  private void require(boolean holds, String option, String expected) {
    if (!holds) {
      throw new ParameterException(
          spec.commandLine(), "%s: expected %s".formatted(option, expected));
    }
  }

  private BenchJob.Size size() {
    int others = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    return new BenchJob.Size(
        corrections, rehearsal, microBatch, tuningThreads > 0 ? tuningThreads : others);
  }

  private static TuningProcessOptions processOptions(Path data) {
    return new TuningProcessOptions(
        data.resolve("torch").toAbsolutePath(), HEAP_BYTES_MAX, List.of(), SILENCE_MAX, STOP_GRACE);
  }

  private Map<String, Object> measured(Engine engine, TuningProcess trainer, JobFolder job)
      throws InterruptedException {
    TrainingThrottle.Limits limits =
        new TrainingThrottle.Limits(
            allowance,
            TrainingThrottle.Limits.DEFAULT.idle(),
            Duration.ofMillis(heldMillisMax),
            TrainingThrottle.Limits.DEFAULT.slice());
    Map<String, Object> figures = new LinkedHashMap<>();
    try (TrainingThrottle throttle = new TrainingThrottle(engine, limits)) {
      throttle.start();
      TrainedUpdates updates = new TrainedUpdates();
      MeteredRun run = new MeteredRun(trainer.start(job.path(), updates));
      BenchRequests.await(updates.first);
      run.shut();
      double perUpdate = BenchJob.tokensPerUpdate(job);
      TuningBench bench =
          new TuningBench(
              new BenchClients(engine, concurrency, tokens),
              concurrency,
              tokens,
              throttle,
              run,
              updates,
              perUpdate,
              (long) (seconds / turns * 1e9),
              turns);
      double capacity = bench.capacity();
      figures.put("model", engine.model().name());
      figures.put("precision", engine.model().precision());
      figures.put("device", engine.model().device());
      figures.put("cores", Runtime.getRuntime().availableProcessors());
      figures.put("clients", concurrency);
      figures.put("capacity for them, tok/s", Samples.rounded(capacity));
      figures.put("tokens of an update", Samples.rounded(perUpdate));
      for (double load : loads) {
        figures.putAll(bench.measure(load, capacity));
      }
      figures.put("peak memory of this process, bytes", ProcessMemory.peakBytes());
      figures.put("peak memory of the trainer, bytes", ProcessMemory.childrenPeakBytes());
      run.stop();
    }
    return figures;
  }
}
