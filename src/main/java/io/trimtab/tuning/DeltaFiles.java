package io.trimtab.tuning;

import ai.djl.ndarray.NDArray;
import io.trimtab.adapter.peft.DeltaTarget;
import io.trimtab.adapter.peft.PeftWriter;
import io.trimtab.adapter.peft.PeftWriter.Matrices;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.Safetensors;
import io.trimtab.model.SafetensorsWriter;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Floats;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import io.trimtab.tuning.TrainedDelta.Factors;
import io.trimtab.tuning.job.LoraSettings;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** A trained delta on disk: as a checkpoint of training, and as what PEFT reads. */
final class DeltaFiles {
  private static final String UPDATES = "updates";

  private DeltaFiles() {}

  /** Parameters, moments and the number of updates. */
  static void save(TrainedDelta delta, Path file) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(
        UPDATES,
        new Tensor(DType.I64, Shape.of(1), MemorySegment.ofArray(new long[] {delta.updates()})));
    delta.state().forEach((name, array) -> tensors.put(name, tensor(array)));
    SafetensorsWriter.write(file, tensors);
  }

  private static Tensor tensor(NDArray array) {
    return tensor(array.toFloatArray(), array.getShape().getShape());
  }

  private static Tensor tensor(float[] values, long... shape) {
    return new Tensor(DType.F32, Shape.of(shape), MemorySegment.ofArray(values));
  }

  /**
   * Reads what {@link #save} wrote.
   *
   * @throws TrimtabException INVALID_ARGUMENT for the checkpoint of another delta
   */
  static void restore(TrainedDelta delta, Path file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> tensors = Safetensors.map(file, arena);
      Map<String, NDArray> state = delta.state();
      for (Map.Entry<String, NDArray> entry : state.entrySet()) {
        Tensor tensor = tensors.get(entry.getKey());
        Shape expected = Shape.of(entry.getValue().getShape().getShape());
        if (tensor == null || tensor.dtype() != DType.F32 || !tensor.shape().equals(expected)) {
          throw TrimtabException.invalid(
              "%s is a checkpoint of another delta: expected %s as F32 %s"
                  .formatted(file.getFileName(), entry.getKey(), expected));
        }
      }
      Tensor updates = tensors.get(UPDATES);
      if (updates == null || updates.dtype() != DType.I64 || tensors.size() != state.size() + 1) {
        throw TrimtabException.invalid(
            "%s is a checkpoint of another delta: expected %d tensors, got %d"
                .formatted(file.getFileName(), state.size() + 1, tensors.size()));
      }
      for (Map.Entry<String, NDArray> entry : state.entrySet()) {
        Tensor values = Objects.requireNonNull(tensors.get(entry.getKey()), "checked above");
        delta.overwrite(entry.getValue(), Floats.toArray(values));
      }
      delta.resumeAt(updates.data().get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
    }
  }

  /** As {@link TrainableModel#writeDelta}. */
  static void writePeft(TrainedDelta delta, ModelConfig base, LoraSettings lora, Path folder)
      throws IOException {
    Map<DeltaTarget, Matrices> matrices = new LinkedHashMap<>();
    for (int i = 0; i < delta.targets().size(); i++) {
      TrainedTarget target = delta.targets().get(i);
      Factors factors = delta.factors(i);
      matrices.put(
          target.target(),
          new Matrices(
              tensor(factors.a(), lora.r(), target.inputs()),
              tensor(factors.b(), target.outputs(), lora.r())));
    }
    new PeftWriter(base)
        .write(
            folder, new PeftWriter.Scaling(lora.r(), lora.loraAlpha(), lora.useRslora()), matrices);
  }
}
