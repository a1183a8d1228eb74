package io.trimtab.engine.execution;

import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.RevisionSource;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.engine.api.ModelSelection;
import io.trimtab.engine.delta.DeltaLease;
import io.trimtab.engine.delta.EmptyDeltas;
import io.trimtab.engine.delta.HostDelta;
import io.trimtab.engine.delta.HostDeltas;
import io.trimtab.engine.scheduling.Admission;
import io.trimtab.engine.scheduling.Sequence;
import io.trimtab.engine.scheduling.Sequences;
import io.trimtab.engine.scheduling.StepLoop;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.graph.WriteProgress;
import io.trimtab.model.text.Prompt;
import io.trimtab.model.text.RopePositions;
import io.trimtab.tensor.DType;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.Shared;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A loop over a bundled model, without the reading of requests: everything is submitted before the
 * loop starts, so that the same submissions make the same batches, step by step.
 */
final class ModelBench implements AutoCloseable {
  private static final int SEQUENCE_TOKENS_MAX = 1024;

  private final LoadedModel model;
  private final EmptyDeltas empty;
  private final TokenSets sets;
  private final HostDeltas host;
  private final Arena arena = Arena.ofShared();
  private final List<AutoCloseable> open = new ArrayList<>();
  final AtomicInteger leases = new AtomicInteger();

  ModelBench(String checkpoint) {
    model =
        LoadedModel.open(
            ModelSelection.of(Shared.path(checkpoint), Path.of("target", "engine-test-data"))
                .with(RotaryFrequencies.FLOAT32),
            1,
            WriteProgress.silent());
    empty = new EmptyDeltas(model.environment(), config().text(), DType.F32);
    sets = TokenSets.of(List.of(), config().text().vocabularySize(), _ -> "", model.environment());
    host =
        new HostDeltas(
            RevisionSource.none(), reader(), DType.F32, model.environment(), empty, 1L << 30);
  }

  ModelConfig config() {
    return model.checkpoint().config();
  }

  private PeftReader reader() {
    return new PeftReader(config(), AdapterLimits.defaults());
  }

  HostDelta delta(PeftFolder folder) {
    HostDelta delta = host.unregistered(reader().read(folder.config(), folder.weights(), arena), 1);
    open.add(delta);
    return delta;
  }

  /** One run of a loop from empty slots to its stop; the caller closes it. */
  Loop loop(int slots, int prefillTokens) {
    return new Loop(
        new OrtModelExecutor(model, empty, sets, slots, SEQUENCE_TOKENS_MAX, prefillTokens, 0),
        prefillTokens);
  }

  final class Loop implements AutoCloseable {
    final OrtModelExecutor executor;
    private final StepLoop steps;
    private final Admission admission = new Admission(1024, 1024);

    private Loop(OrtModelExecutor executor, int prefillTokens) {
      this.executor = executor;
      this.steps = new StepLoop(executor, admission, prefillTokens, 1024);
    }

    /** A prompt of {@code prompt} tokens that goes on with {@code forced} others; both by seed. */
    ForcedTokens submit(@Nullable HostDelta delta, int prompt, int forced, int seed) {
      int[] tokens = Sequences.prompt(prompt, seed);
      ForcedTokens task = new ForcedTokens(prompt, Sequences.prompt(forced, seed + 1));
      submit(delta, tokens, task, prompt + forced + 1);
      return task;
    }

    private void submit(@Nullable HostDelta delta, int[] tokens, ForcedTokens task, int max) {
      admission.enter("t");
      leases.incrementAndGet();
      steps.submit(
          new Sequence(
              Sequences.ticket("r", "t"),
              new Prompt(tokens, List.of(), RopePositions.sequential(tokens.length)),
              List.of(),
              lease(delta),
              task,
              List.of(),
              tokens,
              max));
    }

    private DeltaLease lease(@Nullable HostDelta delta) {
      if (delta == null) {
        leases.decrementAndGet();
        return DeltaLease.ofBase();
      }
      return DeltaLease.of(delta, leases::decrementAndGet);
    }

    Loop start() {
      steps.start();
      return this;
    }

    @Override
    public void close() {
      try {
        steps.stop();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      executor.close();
    }
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
    host.close();
    empty.close();
    sets.close();
    model.close();
    arena.close();
  }
}
