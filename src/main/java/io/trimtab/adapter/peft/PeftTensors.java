package io.trimtab.adapter.peft;

import io.trimtab.adapter.peft.BaseModules.Module;
import io.trimtab.adapter.peft.PeftNames.Half;
import io.trimtab.adapter.peft.PeftNames.Matrix;
import io.trimtab.adapter.peft.PeftNames.Refused;
import io.trimtab.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The tensors of adapter_model.safetensors, each where it belongs in the base model. */
final class PeftTensors {
  private record Named(String name, Tensor tensor) {}

  private final Map<Matrix, Named> matrices = new HashMap<>();
  private final int total;

  private PeftTensors(int total) {
    this.total = total;
  }

  /** Adds what belongs nowhere, or where another is already, to the problems. */
  static PeftTensors place(Map<String, Tensor> tensors, BaseModules base, Problems problems) {
    PeftTensors placed = new PeftTensors(tensors.size());
    if (tensors.isEmpty()) {
      problems.add(
          PeftFiles.WEIGHTS + " has no tensors, expected lora_A and lora_B of each target");
    }
    tensors.forEach(
        (name, tensor) -> {
          switch (PeftNames.place(base, name)) {
            case Refused refused ->
                problems.add("tensor %s: %s".formatted(Problems.shown(name), refused.why()));
            case Matrix matrix -> placed.put(matrix, new Named(name, tensor), problems);
          }
        });
    return placed;
  }

  private void put(Matrix matrix, Named tensor, Problems problems) {
    Named before = matrices.putIfAbsent(matrix, tensor);
    if (before != null) {
      problems.add(
          "tensors %s and %s are the same %s of the same layer, expected one of them"
              .formatted(
                  Problems.shown(before.name),
                  Problems.shown(tensor.name),
                  matrix.half().peftName()));
    }
  }

  Set<Module> modules() {
    return matrices.keySet().stream().map(Matrix::module).collect(Collectors.toSet());
  }

  Optional<Tensor> find(Module module, Half half) {
    return Optional.ofNullable(matrices.get(new Matrix(module, half))).map(Named::tensor);
  }

  int matched() {
    return matrices.size();
  }

  int total() {
    return total;
  }
}
