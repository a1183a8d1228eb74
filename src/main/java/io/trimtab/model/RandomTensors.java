package io.trimtab.model;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Floats;
import io.trimtab.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

/** A safetensors file of random bfloat16 numbers: for what is measured without trained weights. */
public final class RandomTensors {
  private RandomTensors() {}

  /**
   * How the values of a tensor are spread: evenly about the mean.
   *
   * @param deviation standard deviation; 0 for a constant
   */
  public record Spread(float mean, float deviation) {}

  /**
   * Writes the file, replacing what is there. The same seed and shapes give the same file.
   *
   * @param shapes by the tensors' names, in file order
   * @return bytes of the tensors
   */
  public static long write(
      Path file, Map<String, long[]> shapes, Function<String, Spread> spreads, long seed)
      throws IOException {
    ObjectNode header = new JsonMapper().createObjectNode();
    long offset = 0;
    for (Map.Entry<String, long[]> entry : shapes.entrySet()) {
      ObjectNode tensor = header.putObject(entry.getKey());
      tensor.put("dtype", "BF16");
      for (long dim : entry.getValue()) {
        tensor.withArray("shape").add(dim);
      }
      long end = offset + new Shape(entry.getValue()).elements() * DType.BF16.bytes();
      tensor.withArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
    try (FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING);
        Arena arena = Arena.ofConfined()) {
      long total = 8 + text.length + offset;
      MemorySegment memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, total, arena);
      memory.set(
          ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0, text.length);
      MemorySegment.copy(text, 0, memory, ValueLayout.JAVA_BYTE, 8, text.length);
      fill(memory.asSlice(8 + text.length), shapes, spreads, seed);
    }
    return offset;
  }

  private static void fill(
      MemorySegment data, Map<String, long[]> shapes, Function<String, Spread> spreads, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    // A uniform distribution of width w deviates by w / √12.
    float width = (float) Math.sqrt(12);
    long index = 0;
    for (Map.Entry<String, long[]> entry : shapes.entrySet()) {
      Spread spread = spreads.apply(entry.getKey());
      long elements = new Shape(entry.getValue()).elements();
      for (long i = 0; i < elements; i++, index++) {
        float centred = (float) (random.nextDouble() - 0.5);
        float value = spread.mean + centred * width * spread.deviation;
        Floats.set(data, DType.BF16, index, value);
      }
    }
  }
}
