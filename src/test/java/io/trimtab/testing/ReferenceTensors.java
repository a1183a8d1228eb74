package io.trimtab.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.tensor.Floats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small safetensors file read whole, for expected values. */
public final class ReferenceTensors {
  private final JsonNode header;
  private final ByteBuffer data;

  private ReferenceTensors(JsonNode header, ByteBuffer data) {
    this.header = header;
    this.data = data;
  }

  public static ReferenceTensors read(Path file) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      int headerBytes = Math.toIntExact(bytes.getLong());
      byte[] header = new byte[headerBytes];
      bytes.get(header);
      JsonNode tensors = new ObjectMapper().readTree(new String(header, StandardCharsets.UTF_8));
      return new ReferenceTensors(tensors, bytes.slice().order(ByteOrder.LITTLE_ENDIAN));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public boolean has(String name) {
    return header.has(name);
  }

  public long[] shape(String name) {
    JsonNode shape = tensor(name).path("shape");
    long[] dims = new long[shape.size()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = shape.get(i).longValue();
    }
    return dims;
  }

  /** The elements of an F32 or BF16 tensor. */
  public float[] floats(String name) {
    ByteBuffer bytes = bytes(name);
    String dtype = tensor(name).path("dtype").asText();
    float[] values = new float[elements(name)];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (dtype) {
            case "F32" -> bytes.getFloat();
            case "BF16" -> Floats.fromBf16(bytes.getShort());
            default -> throw new IllegalArgumentException(name + " is " + dtype);
          };
    }
    return values;
  }

  /** The elements of an I64 tensor. */
  public long[] longs(String name) {
    String dtype = tensor(name).path("dtype").asText();
    if (!dtype.equals("I64")) {
      throw new IllegalArgumentException(name + " is " + dtype);
    }
    ByteBuffer bytes = bytes(name);
    long[] values = new long[elements(name)];
    for (int i = 0; i < values.length; i++) {
      values[i] = bytes.getLong();
    }
    return values;
  }

  private int elements(String name) {
    long elements = 1;
    for (long dim : shape(name)) {
      elements *= dim;
    }
    return Math.toIntExact(elements);
  }

  private ByteBuffer bytes(String name) {
    JsonNode offsets = tensor(name).path("data_offsets");
    int from = offsets.get(0).intValue();
    return data.slice(from, offsets.get(1).intValue() - from).order(ByteOrder.LITTLE_ENDIAN);
  }

  private JsonNode tensor(String name) {
    if (!header.has(name)) {
      throw new IllegalArgumentException("No tensor " + name);
    }
    return header.get(name);
  }
}
