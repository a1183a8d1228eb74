package io.trimtab.model;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  @TempDir Path folder;

  @Test
  void whatIsWrittenIsReadInOrderAndReplacesWhatWasThere() throws IOException {
    Path file = folder.resolve("some.safetensors");
    float[] large = new float[700_001];
    large[700_000] = 3;
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(
        "second", new Tensor(DType.F32, Shape.of(700_001), MemorySegment.ofArray(large)));
    tensors.put(
        "a \"name\"",
        new Tensor(DType.I64, Shape.of(1, 2), MemorySegment.ofArray(new long[] {7, -1})));
    tensors.put("none", new Tensor(DType.F32, Shape.of(0), MemorySegment.ofArray(new float[0])));
    for (int time = 0; time < 2; time++) {
      SafetensorsWriter.write(file, tensors);
    }
    try (Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> read = Safetensors.map(file, arena);
      assertThat(read.keySet()).containsExactlyElementsOf(tensors.keySet());
      assertThat(Floats.toArray(read.get("second"))).isEqualTo(large);
      Tensor longs = read.get("a \"name\"");
      assertThat(longs.shape()).isEqualTo(Shape.of(1, 2));
      assertThat(longs.data().toArray(ValueLayout.JAVA_LONG_UNALIGNED)).containsExactly(7, -1);
      assertThat(longs.data().address() % 4).isZero();
    }
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }
}
