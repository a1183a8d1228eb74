package io.trimtab.adapter.peft;

import io.trimtab.adapter.peft.BaseModules.Module;
import io.trimtab.adapter.peft.PeftNames.Half;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import java.util.Optional;

/** Checks the two matrices of one layer's delta: types, shapes, and that every value is finite. */
final class DeltaCheck {
  private final Problems problems;
  private final FloatPieces pieces;

  DeltaCheck(Problems problems, FloatPieces pieces) {
    this.problems = problems;
    this.pieces = pieces;
  }

  /**
   * The layer's delta, or empty with what is wrong added to the problems.
   *
   * @param rank what the configuration gives this layer
   * @param scaling likewise
   */
  Optional<LoraModule> check(Module module, Tensor a, Tensor b, int rank, float scaling) {
    boolean fits =
        fits(module, Half.A, a, Shape.of(rank, module.inputs()), "[rank, inputs]")
            & fits(module, Half.B, b, Shape.of(module.outputs(), rank), "[outputs, rank]");
    if (!Float.isFinite(scaling)) {
      problems.add(
          "%s has the scaling %s, expected one that a float holds"
              .formatted(module.canonical(), scaling));
      return Optional.empty();
    }
    if (!fits) {
      return Optional.empty();
    }
    FloatRange rangeA = FloatRange.of(a, pieces);
    FloatRange rangeB = FloatRange.of(b, pieces);
    if (!finite(module, Half.A, a, rangeA) | !finite(module, Half.B, b, rangeB)) {
      return Optional.empty();
    }
    // Rounding keeps order: if the largest product is finite, all are.
    if (!Float.isFinite(rangeB.largest() * scaling)) {
      problems.add(
          "lora_B of %s times the scaling %s is beyond a float, its largest magnitude is %s"
              .formatted(module.canonical(), scaling, rangeB.largest()));
      return Optional.empty();
    }
    return Optional.of(new LoraModule(module.target(), a, b, scaling));
  }

  private boolean fits(Module module, Half half, Tensor tensor, Shape expected, String meaning) {
    if (!FloatPieces.reads(tensor.dtype())) {
      problems.add(
          "%s of %s is %s, expected F32, F16 or BF16"
              .formatted(half.peftName(), module.canonical(), tensor.dtype()));
      return false;
    }
    if (!tensor.shape().equals(expected)) {
      problems.add(
          "%s of %s is %s, expected %s: %s"
              .formatted(
                  half.peftName(),
                  module.canonical(),
                  Problems.shown(tensor.shape().toString()),
                  expected,
                  meaning));
      return false;
    }
    return true;
  }

  private boolean finite(Module module, Half half, Tensor tensor, FloatRange range) {
    if (range.notFinite().isEmpty()) {
      return true;
    }
    long index = range.notFinite().getAsLong();
    long columns = tensor.shape().dim(1);
    problems.add(
        "%s of %s is infinite or not a number at [%d, %d], expected finite values"
            .formatted(half.peftName(), module.canonical(), index / columns, index % columns));
    return false;
  }
}
