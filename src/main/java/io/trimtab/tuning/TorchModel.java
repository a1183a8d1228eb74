package io.trimtab.tuning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.pytorch.engine.PtNDManager;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.graph.ProjectorShape;
import io.trimtab.model.text.RotaryTable;
import io.trimtab.tuning.PictureTensors.Embedded;
import io.trimtab.tuning.TorchScript.Autograd;
import io.trimtab.tuning.job.PictureFeatures;
import io.trimtab.tuning.job.TrainingSequence;
import io.trimtab.tuning.job.TuningPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The decoder of a family with its projector, made differentiable by PyTorch: one call of compiled
 * TorchScript goes through all layers and back. Float32 arithmetic on any device.
 *
 * <p>All tensors of a step die with its {@link NDScope}; what outlives it is the delta, the frozen
 * weights, and two bounded caches. PyTorch is one per process, and so is its number of threads.
 */
final class TorchModel implements TrainableModel {
  private final Checkpoint checkpoint;
  private final TuningPlan plan;
  private final PtNDManager manager;
  private final TorchScript script;
  private final RotaryTable rotary;
  private final FrozenWeights weights;
  private final PictureTensors pictures;
  private final TrainedDelta delta;
  private final FrozenStates baseStates;

  /** Of the model as it was opened. */
  private final FrozenStates startStates;

  private TorchModel(
      Checkpoint checkpoint,
      TuningPlan plan,
      Passes passes,
      PtNDManager manager,
      TorchScript script,
      Function<String, PictureFeatures> features) {
    ModelConfig config = checkpoint.config();
    this.checkpoint = checkpoint;
    this.plan = plan;
    this.manager = manager;
    this.script = script;
    this.rotary = RotaryTable.of(config.text(), plan.rotaryFrequencies());
    this.weights = new FrozenWeights(manager, script, checkpoint, passes);
    this.pictures =
        new PictureTensors(manager, script, weights, ProjectorShape.of(config).inputs(), features);
    this.delta = new TrainedDelta(manager, script, config, plan);
    this.baseStates = new FrozenStates(this::baseStates);
    this.startStates = new FrozenStates(this::startStates);
  }

  /**
   * Opens the plan's checkpoint with a new delta, or with that of {@code startFrom}.
   *
   * @param pictures features by the picture's sha-256
   * @throws io.trimtab.error.TrimtabException INVALID_ARGUMENT for a checkpoint or delta that
   *     doesn't fit the plan; UNAVAILABLE for a device that is not here; RESOURCE_EXHAUSTED
   */
  static TorchModel open(TuningPlan plan, Function<String, PictureFeatures> pictures) {
    return open(plan, pictures, null);
  }

  /** The same with these passes, whatever the model's size. */
  static TorchModel open(
      TuningPlan plan, Function<String, PictureFeatures> pictures, @Nullable Passes passes) {
    TorchDevice device = TorchDevice.of(plan.device());
    Checkpoint checkpoint = Checkpoint.open(plan.checkpoint());
    PtNDManager manager = null;
    try {
      manager = device.open(plan.threads());
      Passes suited = passes == null ? Passes.of(checkpoint.config().text()) : passes;
      TorchScript script = TorchScript.compile(manager, source(checkpoint, plan, suited));
      return new TorchModel(checkpoint, plan, suited, manager, script, pictures);
    } catch (RuntimeException e) {
      if (manager != null) {
        manager.close();
      }
      checkpoint.close();
      throw e;
    }
  }

  private static String source(Checkpoint checkpoint, TuningPlan plan, Passes passes) {
    DecoderSource decoder =
        new DecoderSource(checkpoint.config(), plan.recipe(), plan.lora(), passes);
    LossSource losses =
        new LossSource(
            plan.recipe(),
            passes,
            checkpoint.config().text().layers(),
            LayerLayout.of(checkpoint.config()).size(),
            decoder.parametersPerLayer());
    return new WeightSource(FrozenWeights.halves(checkpoint)).methods()
        + decoder.methods()
        + losses.methods();
  }

  @Override
  public Losses learn(List<TrainingSequence> sequences, double weight) {
    return run(
        sequences,
        batch -> {
          NDList arguments = inputs(batch);
          arguments.add(manager.create((float) weight));
          addModel(arguments);
          arguments.addAll(delta.gradients());
          return losses(batch, script.call(Autograd.ON, "learn", arguments));
        });
  }

  @Override
  public Losses rehearse(List<TrainingSequence> sequences, double weight, double temperature) {
    return run(
        sequences,
        batch -> {
          NDList states = baseStates.of(batch.sequences());
          NDList arguments = inputs(batch);
          arguments.add(manager.create((float) weight));
          arguments.add(manager.create((float) temperature));
          arguments.addAll(states);
          addModel(arguments);
          arguments.addAll(delta.gradients());
          return losses(batch, script.call(Autograd.ON, "rehearse", arguments));
        });
  }

  @Override
  public Losses distil(
      List<TrainingSequence> sequences, double weight, double ratio, double temperature) {
    return run(
        sequences,
        batch -> {
          NDList states = startStates.of(batch.sequences());
          NDList arguments = inputs(batch);
          arguments.add(manager.create((float) weight));
          arguments.add(manager.create((float) ratio));
          arguments.add(manager.create((float) temperature));
          arguments.addAll(states);
          addModel(arguments);
          arguments.addAll(delta.gradients());
          return losses(batch, script.call(Autograd.ON, "distil", arguments));
        });
  }

  @Override
  public Losses evaluate(List<TrainingSequence> sequences) {
    return run(
        sequences,
        batch -> {
          NDList arguments = inputs(batch);
          addModel(arguments);
          return losses(batch, script.call(Autograd.OFF, "evaluate", arguments));
        });
  }

  /** Log-probabilities of a sequence's answer tokens, in order. */
  float[] score(TrainingSequence sequence) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDList arguments = inputs(batch(List.of(sequence)));
      addModel(arguments);
      return script.call(Autograd.OFF, "score", arguments).toFloatArray();
    }
  }

  private Losses run(List<TrainingSequence> sequences, Function<Batch, Losses> step) {
    Losses sum = Losses.NONE;
    for (List<TrainingSequence> group : Batch.byLength(sequences)) {
      try (NDScope scope = new NDScope()) {
        scope.suppressNotUsedWarning();
        sum = sum.plus(step.apply(batch(group)));
      }
      pictures.trim();
      baseStates.trim();
      startStates.trim();
    }
    return sum;
  }

  private Batch batch(List<TrainingSequence> sequences) {
    ModelConfig config = checkpoint.config();
    return Batch.of(manager, rotary, config.text().headDim() / 2, sequences, config.family());
  }

  /** What {@code learn} and its like begin with. */
  private NDList inputs(Batch batch) {
    NDArray tokens =
        script.call(Autograd.OFF, "embedded", batch.ids(), batch.keep(), weights.table());
    boolean projected = plan.recipe().reachesProjector();
    NDList inputs = new NDList(projected ? tokens : placed(batch, tokens));
    inputs.add(batch.cos());
    inputs.add(batch.sin());
    inputs.add(batch.rows());
    inputs.add(batch.targets());
    inputs.add(batch.owner());
    if (projected) {
      inputs.addAll(pictures.projected(batch));
      inputs.addAll(weights.projector());
    }
    return inputs;
  }

  private NDArray placed(Batch batch, NDArray tokens) {
    Embedded embedded = pictures.embedded(batch);
    return embedded == null
        ? tokens
        : script.call(Autograd.OFF, "placed", tokens, embedded.position(), embedded.rows());
  }

  private void addModel(NDList arguments) {
    arguments.addAll(weights.decoder());
    arguments.addAll(delta.parameters());
  }

  /** Base's states at the answers' rows of all the sequences. */
  private NDArray baseStates(List<TrainingSequence> sequences) {
    Batch batch = batch(sequences);
    NDArray tokens =
        script.call(Autograd.OFF, "embedded", batch.ids(), batch.keep(), weights.table());
    NDList arguments = new NDList(placed(batch, tokens), batch.cos(), batch.sin(), batch.rows());
    arguments.addAll(weights.decoder());
    return script.call(Autograd.OFF, "base", arguments);
  }

  /**
   * The states at the answers' rows of all the sequences, under the delta that training began with.
   */
  private NDArray startStates(List<TrainingSequence> sequences) {
    NDList arguments = inputs(batch(sequences));
    arguments.addAll(weights.decoder());
    arguments.addAll(delta.start());
    return script.call(Autograd.OFF, "read", arguments);
  }

  private static Losses losses(Batch batch, NDArray result) {
    float[] values = result.toFloatArray();
    return new Losses(values[0], batch.answers(), Math.round(values[1]));
  }

  @Override
  public double update(double learningRate, double weightDecay, double maxGradNorm) {
    return delta.update(learningRate, weightDecay, maxGradNorm);
  }

  @Override
  public void save(Path file) throws IOException {
    DeltaFiles.save(delta, file);
  }

  @Override
  public void restore(Path file) throws IOException {
    DeltaFiles.restore(delta, file);
  }

  @Override
  public void writeDelta(Path folder) throws IOException {
    DeltaFiles.writePeft(delta, checkpoint.config(), plan.lora(), folder);
  }

  /** Parameters and gradients, for tests. */
  TrainedDelta delta() {
    return delta;
  }

  /** Tensors that are open, for tests. */
  int openTensors() {
    return manager.getManagedArrays().size();
  }

  @Override
  public void close() {
    baseStates.close();
    startStates.close();
    pictures.close();
    delta.close();
    script.close();
    manager.close();
    checkpoint.close();
  }
}
