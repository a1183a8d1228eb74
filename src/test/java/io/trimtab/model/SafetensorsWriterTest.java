package io.trimtab.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  @TempDir private Path folder;

  @Test
  void whatIsWrittenIsReadAndReplacesALongerFile() throws IOException {
    Path file = folder.resolve("x.safetensors");
    Files.write(file, new byte[10_000]);
    try (Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      tensors.put("a \"name\" é", bytes(DType.U8, Shape.of(3), arena, 1, 2, 3));
      tensors.put("nothing", bytes(DType.F32, Shape.of(0, 4), arena));
      tensors.put("half", bytes(DType.BF16, Shape.of(1, 2), arena, 4, 5, 6, 7));

      SafetensorsWriter.write(file, tensors);

      Map<String, Tensor> read = Safetensors.map(file, arena);
      assertThat(read.keySet()).containsExactlyElementsOf(tensors.keySet());
      tensors.forEach(
          (name, tensor) -> {
            Tensor same = Objects.requireNonNull(read.get(name));
            assertThat(same.dtype()).isEqualTo(tensor.dtype());
            assertThat(same.shape()).isEqualTo(tensor.shape());
            assertThat(same.data().mismatch(tensor.data())).isEqualTo(-1);
          });
    }
    long header = Files.size(file) - 8 - 3 - 4;
    assertThat(header % 8).isZero();
  }

  private static Tensor bytes(DType dtype, Shape shape, Arena arena, int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return new Tensor(dtype, shape, arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes));
  }
}
