package io.trimtab.tuning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.peft.DeltaTarget;
import io.trimtab.adapter.peft.LoraModule;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.ModelConfig;
import io.trimtab.tensor.Floats;
import io.trimtab.tensor.Tensor;
import io.trimtab.tuning.TorchScript.Autograd;
import io.trimtab.tuning.job.LoraSettings;
import io.trimtab.tuning.job.StageSettings;
import io.trimtab.tuning.job.TrainingSettings;
import io.trimtab.tuning.job.TuningPlan;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The parameters of a recipe's delta with their gradients and AdamW's moments, float32, each tensor
 * of the shape of its parameter. Owned by one thread.
 *
 * <p>New factors begin as PEFT's do: A uniform as {@code kaiming_uniform_(a=√5)} has it, which is
 * within ±1/√inputs, and B zero. A full delta begins at zero.
 */
final class TrainedDelta implements AutoCloseable {
  private final PtNDManager manager;
  private final TorchScript script;
  private final List<TrainedTarget> targets;
  private final LoraSettings lora;
  private final StageSettings stage;
  private final NDList parameters = new NDList();
  private final NDList gradients = new NDList();
  private final NDList firstMoments = new NDList();
  private final NDList secondMoments = new NDList();

  /** The parameters as training began with them; empty where the stage does not recall them. */
  private final NDList start = new NDList();

  private long updates;

  TrainedDelta(PtNDManager manager, TorchScript script, ModelConfig config, TuningPlan plan) {
    this.manager = manager;
    this.script = script;
    this.lora = plan.lora();
    this.stage = plan.stage();
    this.targets = TrainedTarget.of(config, plan.recipe());
    SplittableRandom random = new SplittableRandom(plan.training().seed());
    targets.forEach(target -> addParameters(target, random));
    plan.startFrom().ifPresent(folder -> startFrom(folder, config));
    if (stage.recallsStart()) {
      for (NDArray parameter : parameters) {
        start.add(owned(parameter.toFloatArray(), parameter.getShape(), "d[]"));
      }
    }
  }

  private void addParameters(TrainedTarget target, SplittableRandom random) {
    int inputs = target.inputs();
    int outputs = target.outputs();
    switch (lora.rank()) {
      case LOW -> {
        float[] a = new float[Math.multiplyExact(lora.r(), inputs)];
        double bound = 1 / Math.sqrt(inputs);
        for (int i = 0; i < a.length; i++) {
          a[i] = (float) ((2 * random.nextDouble() - 1) * bound);
        }
        add(a, new Shape(lora.r(), inputs));
        add(new float[Math.multiplyExact(outputs, lora.r())], new Shape(outputs, lora.r()));
      }
      case FULL -> add(new float[Math.multiplyExact(outputs, inputs)], new Shape(outputs, inputs));
    }
  }

  private void add(float[] values, Shape shape) {
    NDArray parameter = owned(values, shape, "d[]");
    parameter.setRequiresGradient(true);
    parameters.add(parameter);
    float[] zeros = new float[values.length];
    gradients.add(owned(zeros, shape, "g[]"));
    firstMoments.add(owned(zeros, shape, "m[]"));
    secondMoments.add(owned(zeros, shape, "v[]"));
  }

  /** In PyTorch's own memory: what DJL makes of an array lies in a Java buffer. */
  private NDArray owned(float[] values, Shape shape, String name) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray copy = script.call(Autograd.OFF, "copied", manager.create(values, shape));
      copy.setName(name);
      NDScope.unregister(copy);
      return copy;
    }
  }

  private void startFrom(Path folder, ModelConfig config) {
    AdapterLimits limits = new AdapterLimits(1024, 1 << 20, Long.MAX_VALUE, 1, 1);
    try (Arena arena = Arena.ofConfined();
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      Map<DeltaTarget, LoraModule> modules = new HashMap<>();
      new PeftReader(config, limits)
          .read(
              folder.resolve("adapter_config.json"),
              folder.resolve("adapter_model.safetensors"),
              arena)
          .modules()
          .forEach(module -> modules.put(module.target(), module));
      for (int i = 0; i < targets.size(); i++) {
        LoraModule module = modules.remove(targets.get(i).target());
        if (module == null) {
          throw TrimtabException.invalid(
              "The delta to go on from has none for %s, which the recipe tunes"
                  .formatted(targets.get(i).target()));
        }
        take(i, module);
      }
      if (!modules.isEmpty()) {
        throw TrimtabException.invalid(
            "The delta to go on from has one for %s, which the recipe does not tune"
                .formatted(modules.keySet().iterator().next()));
      }
    }
  }

  private void take(int target, LoraModule module) {
    switch (lora.rank()) {
      case FULL -> {
        NDArray a = manager.create(Floats.toArray(module.a()), shape(module.a()));
        NDArray b = manager.create(Floats.toArray(module.b()), shape(module.b()));
        NDArray factor = manager.create(module.scaling());
        NDArray delta = script.call(Autograd.OFF, "product", a, b, factor);
        script.call(Autograd.OFF, "overwritten", parameters.get(target), delta);
      }
      case LOW -> {
        if (module.rank() > lora.r()) {
          throw TrimtabException.invalid(
              "The delta to go on from has rank %d for %s, expected %d at most"
                  .formatted(module.rank(), module.target(), lora.r()));
        }
        NDArray a = parameters.get(2 * target);
        NDArray b = parameters.get(2 * target + 1);
        overwrite(a, widenedA(a.toFloatArray(), Floats.toArray(module.a())));
        overwrite(b, widenedB(Floats.toArray(module.b()), module));
      }
    }
  }

  /**
   * Rows beyond the old rank stay as new ones begin: with B zero there, they change nothing yet.
   */
  private static float[] widenedA(float[] fresh, float[] old) {
    System.arraycopy(old, 0, fresh, 0, old.length);
    return fresh;
  }

  /** Zeros beyond the old rank; the difference in scaling goes into B. */
  private float[] widenedB(float[] old, LoraModule module) {
    int rank = module.rank();
    int outputs = old.length / rank;
    float ratio = module.scaling() / lora.scaling();
    float[] b = new float[outputs * lora.r()];
    for (int row = 0; row < outputs; row++) {
      for (int i = 0; i < rank; i++) {
        b[row * lora.r() + i] = old[row * rank + i] * ratio;
      }
    }
    return b;
  }

  private static Shape shape(Tensor tensor) {
    return new Shape(tensor.shape().dims());
  }

  /** Writes values over a tensor of this delta. */
  void overwrite(NDArray tensor, float[] values) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray source = manager.create(values, tensor.getShape());
      script.call(Autograd.OFF, "overwritten", tensor, source);
    }
  }

  /** In order: decoder layers, their projections, the projector's layers. */
  List<TrainedTarget> targets() {
    return targets;
  }

  NDList parameters() {
    return parameters;
  }

  /** As {@link #parameters} were at first. */
  NDList start() {
    if (start.isEmpty()) {
      throw new IllegalStateException("The stage recalls no start");
    }
    return start;
  }

  NDList gradients() {
    return gradients;
  }

  /** As {@link TrainableModel#update}. */
  double update(double learningRate, double weightDecay, double maxGradNorm) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      double norm = script.call(Autograd.OFF, "norm", gradients).getFloat();
      if (!Double.isFinite(norm)) {
        script.call(Autograd.OFF, "clear", gradients);
        return norm;
      }
      // As torch.nn.utils.clip_grad_norm_.
      double factor = Math.min(1, maxGradNorm / (norm + 1e-6));
      updates++;
      double[] how = {
        updates,
        learningRate,
        weightDecay,
        factor,
        TrainingSettings.ADAM_BETA1,
        TrainingSettings.ADAM_BETA2,
        TrainingSettings.ADAM_EPSILON
      };
      NDList arguments = new NDList(manager.create(how));
      arguments.addAll(parameters);
      arguments.addAll(gradients);
      arguments.addAll(firstMoments);
      arguments.addAll(secondMoments);
      script.call(Autograd.OFF, "update", arguments);
      return norm;
    }
  }

  long updates() {
    return updates;
  }

  void resumeAt(long updates) {
    this.updates = updates;
  }

  /** What a checkpoint holds, by name. */
  Map<String, NDArray> state() {
    Map<String, NDArray> state = new LinkedHashMap<>();
    int perTarget = DecoderSource.parameters(lora);
    for (int i = 0; i < parameters.size(); i++) {
      String name = targets.get(i / perTarget).name() + "." + i % perTarget;
      state.put(name, parameters.get(i));
      state.put(name + ".m", firstMoments.get(i));
      state.put(name + ".v", secondMoments.get(i));
    }
    return state;
  }

  /** B and A of a target, so that {@code scaling · B A} is its delta as it is written. */
  Factors factors(int target) {
    TrainedTarget of = targets.get(target);
    if (stage.changeShare() < 1) {
      return mixed(target, of);
    }
    return switch (lora.rank()) {
      case LOW ->
          new Factors(
              parameters.get(2 * target).toFloatArray(),
              parameters.get(2 * target + 1).toFloatArray());
      case FULL -> factored(parameters.get(target), of);
    };
  }

  /** The start's delta and a share of the change since. */
  private Factors mixed(int target, TrainedTarget of) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray share = manager.create((float) stage.changeShare());
      NDArray before = matrix(start, target);
      NDArray after = matrix(parameters, target);
      NDArray mixed = script.call(Autograd.OFF, "mixed", before, after, share);
      mixed.setName("d[]");
      return factored(mixed, of);
    }
  }

  /** {@code [outputs, inputs]}: what a target's parameters come to. */
  private NDArray matrix(NDList of, int target) {
    return switch (lora.rank()) {
      case LOW ->
          script.call(
              Autograd.OFF,
              "product",
              plain(of.get(2 * target)),
              plain(of.get(2 * target + 1)),
              manager.create(lora.scaling()));
      case FULL -> plain(of.get(target));
    };
  }

  /** Without the name that makes it one of a list. */
  private NDArray plain(NDArray parameter) {
    return manager.create(parameter.toFloatArray(), parameter.getShape());
  }

  /** The best of that rank (Eckart and Young, 1936); each singular value's root to either side. */
  private Factors factored(NDArray delta, TrainedTarget of) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      float[] both =
          script
              .call(Autograd.OFF, "factored", delta, manager.create((long) lora.r()))
              .toFloatArray();
      int r = lora.r();
      int width = of.inputs() + of.outputs();
      float[] a = new float[r * of.inputs()];
      float[] b = new float[of.outputs() * r];
      for (int i = 0; i < r; i++) {
        System.arraycopy(both, i * width, a, i * of.inputs(), of.inputs());
        for (int row = 0; row < of.outputs(); row++) {
          b[row * r + i] = both[i * width + of.inputs() + row] / lora.scaling();
        }
      }
      return new Factors(a, b);
    }
  }

  /**
   * Row-major float32.
   *
   * @param a {@code [r, inputs]}
   * @param b {@code [outputs, r]}
   */
  @SuppressWarnings("ArrayRecordComponent") // large, never compared
  record Factors(float[] a, float[] b) {}

  @Override
  public void close() {
    for (NDList list : List.of(parameters, start, gradients, firstMoments, secondMoments)) {
      list.close();
    }
  }
}
