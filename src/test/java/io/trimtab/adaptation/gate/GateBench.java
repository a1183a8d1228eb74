package io.trimtab.adaptation.gate;

import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.RevisionSource;
import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.engine.Engine;
import io.trimtab.engine.EngineOptions;
import io.trimtab.engine.api.ModelSelection;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.graph.WriteProgress;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.Shared;
import io.trimtab.world.Drawing;
import io.trimtab.world.Question;
import io.trimtab.world.World;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A bundled model's engine, questions of its world that it can answer, and candidates whose numbers
 * are drawn. What is read is mapped until the bench is closed.
 */
final class GateBench implements AutoCloseable {
  static final String MODEL = "models/dinghy-qwen";
  static final int VALIDATION = 16;
  static final int PROBES = 24;

  /** Base answers a few more than these as they say. */
  static final int PROBES_MIN = 20;

  /** Wide enough for so few probes that a candidate equal to base drifts within them. */
  static final GateLimits LIMITS =
      new GateLimits(0.95, VALIDATION, PROBES_MIN, 0.05, 0.2, 0.15, 0.15, 8, 0.3, 0.15, 1);

  private static final int RANK = 8;
  private static final Set<String> TARGETS = Set.of("q_proj", "k_proj", "v_proj", "o_proj");

  private final Arena arena = Arena.ofShared();
  private final ModelConfig config;
  private final Engine engine;
  private final Path folder;

  /**
   * @param folder where candidates are written
   * @param queueMax requests that may wait
   */
  GateBench(String checkpoint, Path folder, int queueMax) {
    this.folder = folder;
    try (Checkpoint opened = Checkpoint.open(Shared.path(checkpoint))) {
      this.config = opened.config();
    }
    EngineOptions options =
        EngineOptions.builder().queueMax(queueMax).queuePerTenantMax(queueMax).threads(2).build();
    engine =
        Engine.open(
            ModelSelection.of(Shared.path(checkpoint), Path.of("target", "engine-test-data"))
                .with(RotaryFrequencies.FLOAT32),
            options,
            RevisionSource.none(),
            Clock.systemUTC(),
            WriteProgress.silent());
    engine.start();
  }

  Engine engine() {
    return engine;
  }

  /**
   * A candidate over the attention of every layer.
   *
   * @param amplitude its numbers lie between this and its opposite; 0 is base
   */
  PeftAdapter candidate(long seed, float amplitude) {
    PeftFolder written =
        PeftFolder.random(
            config,
            folder.resolve("candidate-%d-%s".formatted(seed, amplitude)),
            seed,
            RANK,
            TARGETS,
            amplitude);
    return new PeftReader(config, AdapterLimits.defaults())
        .read(written.config(), written.weights(), arena);
  }

  Evaluator evaluator(int inFlight) {
    return new Evaluator(
        engine,
        new EvaluationSettings(inFlight, 16, 1000, Duration.ofMinutes(1), Duration.ofMillis(5)));
  }

  /** A judge by {@link #LIMITS} with the usual scales. */
  CandidateJudge judge(int inFlight) {
    return new CandidateJudge(
        engine, evaluator(inFlight), new JudgeSettings(LIMITS, JudgeSettings.defaults().scales()));
  }

  /** Pictures that no other test of the gate draws; none is in both halves. */
  static EvaluationSet set() {
    List<EvaluationItem> items = items(VALIDATION + PROBES);
    return new EvaluationSet(items.subList(0, VALIDATION), items.subList(VALIDATION, items.size()));
  }

  private static List<EvaluationItem> items(int count) {
    List<EvaluationItem> items = new ArrayList<>();
    for (Drawing drawing : World.heldOut(907, count)) {
      Question question = drawing.questions().getFirst();
      items.add(
          new EvaluationItem(
              "item-" + items.size(),
              question.task(),
              List.of(
                  new ChatMessage(
                      Role.USER,
                      List.of(
                          new PicturePart(Picture.of(drawing.png())),
                          new TextPart(question.text())))),
              Optional.of(question.answer())));
    }
    return items;
  }

  @Override
  public void close() {
    engine.close();
    arena.close();
  }
}
