package io.trimtab.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Floats;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** A small safetensors file in memory, to be changed and written again. Immutable. */
public record TensorFile(Map<String, Entry> tensors) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** One tensor, its elements row-major and little-endian. */
  public record Entry(DType dtype, long[] shape, byte[] data) {
    private Entry as(DType other) {
      int count = data.length / dtype.bytes();
      byte[] converted = new byte[count * other.bytes()];
      Floats.convert(
          MemorySegment.ofArray(data), dtype, MemorySegment.ofArray(converted), other, count);
      return new Entry(other, shape, converted);
    }
  }

  public TensorFile {
    tensors = new LinkedHashMap<>(tensors);
  }

  public static TensorFile read(Path file) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      byte[] header = new byte[Math.toIntExact(bytes.getLong())];
      bytes.get(header);
      Map<String, Entry> tensors = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> each : JSON.readTree(header).properties()) {
        if (!each.getKey().equals("__metadata__")) {
          tensors.put(each.getKey(), entry(each.getValue(), bytes, 8 + header.length));
        }
      }
      return new TensorFile(tensors);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Entry entry(JsonNode node, ByteBuffer file, int dataAt) {
    int from = node.path("data_offsets").get(0).intValue();
    int to = node.path("data_offsets").get(1).intValue();
    byte[] data = Arrays.copyOfRange(file.array(), dataAt + from, dataAt + to);
    long[] shape = JSON.convertValue(node.path("shape"), long[].class);
    return new Entry(DType.valueOf(node.path("dtype").asText()), shape, data);
  }

  public TensorFile with(String name, DType dtype, long[] shape, byte[] data) {
    Map<String, Entry> changed = new LinkedHashMap<>(tensors);
    changed.put(name, new Entry(dtype, shape, data));
    return new TensorFile(changed);
  }

  /** The same with tensor {@code from} also under the name {@code to}. */
  public TensorFile withCopy(String from, String to) {
    Entry entry = entry(from);
    return with(to, entry.dtype, entry.shape, entry.data);
  }

  /** The same with the lowest bit of a tensor's first element turned. */
  public TensorFile withOneBitTurned(String name) {
    Entry entry = entry(name);
    byte[] data = entry.data.clone();
    data[0] ^= 1;
    return with(name, entry.dtype, entry.shape, data);
  }

  /** A tensor that is there. */
  public Entry entry(String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }

  public TensorFile only(Predicate<String> names) {
    Map<String, Entry> kept = new LinkedHashMap<>(tensors);
    kept.keySet().removeIf(names.negate());
    return new TensorFile(kept);
  }

  public TensorFile without(String name) {
    return only(other -> !other.equals(name));
  }

  public TensorFile renamed(UnaryOperator<String> rename) {
    Map<String, Entry> renamed = new LinkedHashMap<>();
    tensors.forEach((name, entry) -> renamed.put(rename.apply(name), entry));
    return new TensorFile(renamed);
  }

  /** The same values in another float type. */
  public TensorFile as(DType dtype) {
    Map<String, Entry> converted = new LinkedHashMap<>();
    tensors.forEach((name, entry) -> converted.put(name, entry.as(dtype)));
    return new TensorFile(converted);
  }

  public void write(Path file) {
    ObjectNode header = JSON.createObjectNode();
    header.putObject("__metadata__").put("format", "pt");
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    tensors.forEach(
        (name, entry) -> {
          ObjectNode node = header.putObject(name).put("dtype", entry.dtype.name());
          node.set("shape", JSON.valueToTree(entry.shape));
          node.putArray("data_offsets").add(data.size()).add(data.size() + entry.data.length);
          data.writeBytes(entry.data);
        });
    write(file, header.toString(), data.toByteArray());
  }

  /** Writes a file of this header and data, sound or not. */
  public static void write(Path file, String header, byte[] data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(text.length).put(text).put(data);
    try {
      Files.write(file, bytes.array());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
