package io.trimtab.engine.execution;

import io.trimtab.engine.api.ModelSelection;
import io.trimtab.engine.vision.MultimodalProjector;
import io.trimtab.engine.vision.VisionTower;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.graph.ModelGraphs;
import io.trimtab.model.graph.Precision;
import io.trimtab.model.graph.WriteProgress;
import io.trimtab.model.text.RotaryTable;
import io.trimtab.ort.Device;
import io.trimtab.ort.OrtEnvironment;
import io.trimtab.ort.OrtSession;
import io.trimtab.ort.SessionOptions;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A checkpoint, its graphs and the sessions that run them: everything of a model that is loaded
 * once. Closed after whatever uses it.
 */
public final class LoadedModel implements AutoCloseable {
  /**
   * Threads that spin between two steps take a core from reading requests and from the loop itself,
   * whose own part of a step doubled; the runs were no faster for it.
   */
  private static final String SPINNING = "session.intra_op.allow_spinning";

  /**
   * Below so many parameters the products of a decode step are so small that handing half of one to
   * another thread costs more than it saves (bench/README.md).
   */
  private static final long SMALL_PARAMETERS = 20_000_000;

  private final Checkpoint checkpoint;
  private final ModelGraphs graphs;
  private final OrtEnvironment environment;
  private final OrtSession languageModel;
  private final VisionTower tower;
  private final MultimodalProjector projector;
  private final RotaryTable rotary;

  private LoadedModel(
      Checkpoint checkpoint,
      ModelGraphs graphs,
      OrtEnvironment environment,
      OrtSession languageModel,
      VisionTower tower,
      MultimodalProjector projector,
      RotaryTable rotary) {
    this.checkpoint = checkpoint;
    this.graphs = graphs;
    this.environment = environment;
    this.languageModel = languageModel;
    this.tower = tower;
    this.projector = projector;
    this.rotary = rotary;
  }

  /** Opens everything; imports the graphs first where they are not in the cache. */
  @SuppressWarnings("MustBeClosedChecker") // What is opened belongs to the model that is returned.
  public static LoadedModel open(ModelSelection selection, int threads, WriteProgress progress) {
    Closing opened = new Closing();
    try {
      OrtEnvironment environment = opened.add(environment(selection));
      Device device = DeviceChoice.of(selection.device()).resolve(environment);
      Checkpoint checkpoint = opened.add(Checkpoint.open(selection.folder()));
      Precision precision = precision(selection, checkpoint, device);
      ModelGraphs graphs =
          ModelGraphs.imported(
              checkpoint,
              checkpoint.digest(selection.data().resolve("digests")),
              precision,
              selection.data().resolve("graphs"),
              progress);
      SessionOptions options = SessionOptions.on(device, threads).withConfig(SPINNING, "0");
      VisionTower tower =
          opened.add(
              new VisionTower(
                  environment, checkpoint, graphs, selection.rotaryFrequencies(), options));
      MultimodalProjector projector =
          opened.add(new MultimodalProjector(environment, checkpoint, graphs, options));
      OrtSession languageModel =
          opened.add(
              OrtSession.open(
                  environment,
                  graphs.languageModel(),
                  SessionOptions.on(device, decodeThreads(threads, checkpoint))
                      .withConfig(SPINNING, "0")));
      return new LoadedModel(
          checkpoint,
          graphs,
          environment,
          languageModel,
          tower,
          projector,
          RotaryTable.of(checkpoint.config().text(), selection.rotaryFrequencies()));
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private static int decodeThreads(int chosen, Checkpoint checkpoint) {
    boolean small = checkpoint.weights().parameters() < SMALL_PARAMETERS;
    return chosen == 0 && small ? 1 : chosen;
  }

  private static OrtEnvironment environment(ModelSelection selection) {
    if (selection.onnxRuntime().isPresent()) {
      return OrtEnvironment.open(selection.onnxRuntime().get());
    }
    try {
      return OrtEnvironment.open();
    } catch (IOException e) {
      throw new UncheckedIOException("ONNX Runtime's library could not be unpacked", e);
    }
  }

  private static Precision precision(
      ModelSelection selection, Checkpoint checkpoint, Device device) {
    Precision chosen =
        selection
            .precision()
            .orElseGet(
                () ->
                    switch (device) {
                      case Device.Cpu ignored ->
                          Precision.cpuDefault(checkpoint.weights().parameters());
                      case Device.Cuda ignored -> Precision.BF16;
                    });
    boolean halves = chosen == Precision.BF16 || chosen == Precision.FP16;
    if (halves != device instanceof Device.Cuda) {
      throw TrimtabException.invalid(
          "The precision %s does not run on %s: a CPU takes fp32, int8 and int4, a GPU bf16 and fp16"
              .formatted(chosen.wireName(), DeviceChoice.wireName(device)));
    }
    return chosen;
  }

  public Checkpoint checkpoint() {
    return checkpoint;
  }

  public ModelGraphs graphs() {
    return graphs;
  }

  public OrtEnvironment environment() {
    return environment;
  }

  public OrtSession languageModel() {
    return languageModel;
  }

  public VisionTower tower() {
    return tower;
  }

  public MultimodalProjector projector() {
    return projector;
  }

  RotaryTable rotary() {
    return rotary;
  }

  @Override
  public void close() {
    languageModel.close();
    projector.close();
    tower.close();
    checkpoint.close();
    environment.close();
  }
}
