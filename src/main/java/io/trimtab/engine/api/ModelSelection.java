package io.trimtab.engine.api;

import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.graph.Precision;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which model an engine serves, in what numbers and where.
 *
 * @param folder Hugging Face model folder
 * @param precision empty: what suits device and size, see {@link Precision}
 * @param device {@code auto}, {@code cpu} or {@code cuda:N}
 * @param data folder of imported graphs and of the unpacked native library; made when missing
 * @param onnxRuntime native library to use in place of the one that travels with the program
 * @param rotaryFrequencies float32, unless the model was cast as a whole before it was used
 */
public record ModelSelection(
    Path folder,
    Optional<Precision> precision,
    String device,
    Path data,
    Optional<Path> onnxRuntime,
    RotaryFrequencies rotaryFrequencies) {
  /** Everything chosen by what there is. */
  public static ModelSelection of(Path folder, Path data) {
    return new ModelSelection(
        folder, Optional.empty(), "auto", data, Optional.empty(), RotaryFrequencies.FLOAT32);
  }

  public ModelSelection with(Precision other) {
    return new ModelSelection(
        folder, Optional.of(other), device, data, onnxRuntime, rotaryFrequencies);
  }

  public ModelSelection with(RotaryFrequencies other) {
    return new ModelSelection(folder, precision, device, data, onnxRuntime, other);
  }
}
