package io.trimtab.adapter.peft;

import io.trimtab.error.TrimtabException;
import io.trimtab.tensor.Tensor;

/**
 * The delta of one linear layer: {@code y += scaling · B (A x)}.
 *
 * @param a {@code lora_A}, {@code [rank, inputs]}, F32, F16 or BF16
 * @param b {@code lora_B}, {@code [outputs, rank]}, likewise
 * @param scaling alpha/rank, or alpha/√rank for rsLoRA
 */
public record LoraModule(DeltaTarget target, Tensor a, Tensor b, float scaling) {
  public LoraModule {
    if (a.shape().rank() != 2 || b.shape().rank() != 2 || a.shape().dim(0) != b.shape().dim(1)) {
      throw TrimtabException.invalid(
          "%s has lora_A %s and lora_B %s, expected [rank, inputs] and [outputs, rank]"
              .formatted(target, a.shape(), b.shape()));
    }
  }

  public int rank() {
    return Math.toIntExact(a.shape().dim(0));
  }
}
