package io.trimtab.tuning;

import io.trimtab.tensor.DType;

/**
 * The text of what makes float32 of a checkpoint's numbers. bfloat16 comes as float16 with the same
 * bits, since DJL can't make an array of it.
 */
final class WeightSource {
  private final DType halves;

  /**
   * @param halves which of the two 16-bit types {@code floats} takes float16 arrays for
   */
  WeightSource(DType halves) {
    this.halves = halves;
  }

  String methods() {
    return """
      def from_F32(self: __torch__.M, x: Tensor) -> Tensor:
        return x
      def from_F16(self: __torch__.M, x: Tensor) -> Tensor:
        return torch.to(x, 6)
      def from_BF16(self: __torch__.M, x: Tensor) -> Tensor:
        return torch.to(torch.view_copy(x, 15), 6)
      def floats(self: __torch__.M, x: Tensor) -> Tensor:
        if torch.eq(ops.prim.dtype(x), 6):
          y = self.from_F32(x)
        else:
          y = self.from_$halves(x)
        return y
      def aligned_FLOAT16(self: __torch__.M, x: Tensor) -> Tensor:
        return torch.view_copy(x, 5)
      def aligned_FLOAT32(self: __torch__.M, x: Tensor) -> Tensor:
        return torch.view_copy(x, 6)
      def copied(self: __torch__.M, x: Tensor) -> Tensor:
        return torch.clone(x)
      def joined(self: __torch__.M, x: List[Tensor]) -> Tensor:
        return torch.cat(x)
      """
        .indent(2)
        .replace("$halves", halves.name());
  }
}
