package io.trimtab.tuning.job;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.Safetensors;
import io.trimtab.model.SafetensorsWriter;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Floats;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * {@link PictureFeatures} as a safetensors file: {@code features} F32 [rows, width], {@code
 * sources} I32 [tokens, blend] (I64 is read too), {@code weights} F32 [tokens, blend].
 */
final class PictureFile {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  private PictureFile() {}

  static Path in(Path pictures, String sha256) {
    if (!SHA256.matcher(sha256).matches()) {
      throw TrimtabException.invalid(
          "A picture's digest is '%s', expected 64 hex digits".formatted(sha256));
    }
    return pictures.resolve(sha256 + ".safetensors");
  }

  static void write(Path file, PictureFeatures picture) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      Shape features = Shape.of(picture.featureRows(), picture.width());
      Shape blends = Shape.of(picture.tokens(), picture.blend());
      tensors.put("features", floats(picture.features(), features, arena));
      MemorySegment rows = arena.allocateFrom(ValueLayout.JAVA_INT, picture.rows());
      tensors.put("sources", new Tensor(DType.I32, blends, rows));
      tensors.put("weights", floats(picture.weights(), blends, arena));
      SafetensorsWriter.write(file, tensors);
    }
  }

  private static Tensor floats(float[] values, Shape shape, Arena arena) {
    return new Tensor(DType.F32, shape, arena.allocateFrom(ValueLayout.JAVA_FLOAT, values));
  }

  /** Tokens of the picture in a file; its header is checked, nothing else is read. */
  static int tokens(Path file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return Math.toIntExact(open(file, arena).weights.shape().dim(0));
    }
  }

  static PictureFeatures read(Path file, String sha256) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Parts parts = open(file, arena);
      int featureRows = Math.toIntExact(parts.features.shape().dim(0));
      float[] features = Floats.toArray(parts.features);
      float[] weights = Floats.toArray(parts.weights);
      requireFinite(file, "features", features);
      requireFinite(file, "weights", weights);
      int[] rows = rows(file, parts.sources, featureRows);
      int blend = Math.toIntExact(parts.weights.shape().dim(1));
      return new PictureFeatures(sha256, features, featureRows, blend, rows, weights);
    }
  }

  private record Parts(Tensor features, Tensor sources, Tensor weights) {}

  private static Parts open(Path file, Arena arena) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw TrimtabException.invalid(
          "There is no picture %s in the job's folder".formatted(file.getFileName()));
    }
    Map<String, Tensor> tensors = Safetensors.map(file, arena);
    Tensor features = matrix(file, tensors, "features");
    Tensor sources = matrix(file, tensors, "sources");
    Tensor weights = matrix(file, tensors, "weights");
    boolean typed =
        features.dtype() == DType.F32
            && weights.dtype() == DType.F32
            && (sources.dtype() == DType.I32 || sources.dtype() == DType.I64);
    if (!typed || !sources.shape().equals(weights.shape())) {
      throw TrimtabException.invalid(
          ("%s has features %s %s, sources %s %s and weights %s %s; expected F32 [rows, width],"
                  + " I32 or I64 [tokens, blend] and F32 of the same shape")
              .formatted(
                  file.getFileName(),
                  features.dtype(),
                  features.shape(),
                  sources.dtype(),
                  sources.shape(),
                  weights.dtype(),
                  weights.shape()));
    }
    return new Parts(features, sources, weights);
  }

  private static Tensor matrix(Path file, Map<String, Tensor> tensors, String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null || tensor.shape().rank() != 2 || tensor.shape().elements() == 0) {
      throw TrimtabException.invalid(
          "%s has as %s %s, expected a matrix with something in it"
              .formatted(file.getFileName(), name, tensor == null ? "nothing" : tensor.shape()));
    }
    return tensor;
  }

  private static int[] rows(Path file, Tensor sources, int featureRows) {
    int[] rows = new int[Math.toIntExact(sources.shape().elements())];
    for (int i = 0; i < rows.length; i++) {
      long row =
          sources.dtype() == DType.I32
              ? sources.data().getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i)
              : sources.data().getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, i);
      // The row after the last one is the model's image_newline.
      if (row < 0 || row > featureRows) {
        throw TrimtabException.invalid(
            "%s takes row %d, expected 0 to %d".formatted(file.getFileName(), row, featureRows));
      }
      rows[i] = (int) row;
    }
    return rows;
  }

  private static void requireFinite(Path file, String name, float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw TrimtabException.invalid(
            "%s has %s at %d of its %s, expected finite numbers"
                .formatted(file.getFileName(), values[i], i, name));
      }
    }
  }
}
