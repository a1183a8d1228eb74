package io.trimtab.tuning;

/** The text of what turns a checkpoint's mapped bytes into tensors on a device. */
final class WeightSource {
  private final Passes passes;
  private final TorchDevice device;

  WeightSource(Passes passes, TorchDevice device) {
    this.passes = passes;
    this.device = device;
  }

  String methods() {
    String decoder =
        switch (passes) {
          case WHOLE -> "6";
          case LAYERWISE -> "$number";
        };
    StringBuilder methods = new StringBuilder();
    // PyTorch's numbers of the types a checkpoint may have.
    add(methods, decoder, "F16", 5);
    add(methods, decoder, "F32", 6);
    add(methods, decoder, "BF16", 15);
    methods.append(
        """
        def copied(self: __torch__.M, x: Tensor) -> Tensor:
          return torch.clone(x)
        def joined(self: __torch__.M, x: List[Tensor]) -> Tensor:
          return torch.cat(x)
        """
            .indent(2));
    return methods.toString();
  }

  private void add(StringBuilder methods, String decoder, String name, int number) {
    methods.append(
        """
        def kept_$name(self: __torch__.M, x: Tensor) -> Tensor:
          return torch.to(torch.view(x, dtype=$number), torch.device("$device"), $number)
        def decoder_$name(self: __torch__.M, x: Tensor) -> Tensor:
          return torch.to(torch.view(x, dtype=$number), torch.device("$device"), $decoder)
        def floats_$name(self: __torch__.M, x: Tensor) -> Tensor:
          return torch.to(torch.view(x, dtype=$number), torch.device("$device"), 6)
        """
            .indent(2)
            .replace("$decoder", decoder)
            .replace("$number", "" + number)
            .replace("$name", name)
            .replace("$device", device.name()));
  }
}
