package io.trimtab.model;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.trimtab.error.TrimtabException;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One safetensors file, memory-mapped: an 8-byte little-endian header length, a JSON header, the
 * data. Nothing but the header passes through the heap. The header is not trusted: offsets must fit
 * dtype and shape and cover the file's data without an overlap or a hole, as the format asks; keys
 * must not repeat.
 */
public final class Safetensors {
  /** The format's own bound on its header. */
  private static final long HEADER_BYTES_MAX = 100_000_000;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();

  private static final ValueLayout.OfLong LITTLE_ENDIAN_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Safetensors() {}

  /**
   * Maps {@code file} for as long as {@code arena} is open and returns its tensors by name, in file
   * order.
   *
   * @throws TrimtabException INVALID_ARGUMENT for a file that is not sound, naming the file and the
   *     tensor
   */
  public static Map<String, Tensor> map(Path file, Arena arena) throws IOException {
    return map(file, file.getFileName().toString(), arena);
  }

  /**
   * The same for a file that is known under another name.
   *
   * @param file in messages
   */
  public static Map<String, Tensor> map(Path path, String file, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long fileBytes = channel.size();
      if (fileBytes < 8) {
        throw unsound(
            file, "expected an 8-byte header length, the file has %d bytes".formatted(fileBytes));
      }
      MemorySegment memory = channel.map(FileChannel.MapMode.READ_ONLY, 0, fileBytes, arena);
      long headerBytes = memory.get(LITTLE_ENDIAN_LONG, 0);
      if (headerBytes < 2 || headerBytes > HEADER_BYTES_MAX || headerBytes > fileBytes - 8) {
        throw unsound(
            file,
            "expected a header of 2 to %d bytes, its length field says %s"
                .formatted(
                    Math.min(HEADER_BYTES_MAX, fileBytes - 8), Long.toUnsignedString(headerBytes)));
      }
      byte[] header = memory.asSlice(8, headerBytes).toArray(ValueLayout.JAVA_BYTE);
      return read(file, parse(file, header), memory.asSlice(8 + headerBytes));
    }
  }

  private static JsonNode parse(String file, byte[] header) throws IOException {
    JsonNode root;
    try {
      // Strictly UTF-8: from bytes, the parser would guess an encoding.
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(header)).toString();
      root = JSON.readTree(text);
    } catch (CharacterCodingException e) {
      throw unsound(file, "the header is not UTF-8");
    } catch (JsonProcessingException e) {
      throw unsound(file, "the header is not JSON: " + e.getOriginalMessage());
    }
    if (!root.isObject()) {
      throw unsound(file, "expected a JSON object as header");
    }
    return root;
  }

  private static Map<String, Tensor> read(String file, JsonNode header, MemorySegment data) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    List<Span> spans = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : header.properties()) {
      String name = entry.getKey();
      if (name.equals("__metadata__")) {
        continue;
      }
      JsonNode node = entry.getValue();
      DType dtype = dtype(file, name, node.path("dtype").asText());
      Shape shape = shape(file, name, node.path("shape"));
      Span span = span(file, name, node.path("data_offsets"));
      if (span.end > data.byteSize()) {
        throw unsound(
            file,
            "tensor %s ends at byte %d of the data, the file holds %d: it is truncated"
                .formatted(name, span.end, data.byteSize()));
      }
      long expected = bytes(file, name, shape, dtype);
      if (span.end - span.begin != expected) {
        throw unsound(
            file,
            "tensor %s is %s %s and takes %d bytes, its offsets span %d"
                .formatted(name, dtype, shape, expected, span.end - span.begin));
      }
      spans.add(span);
      tensors.put(name, new Tensor(dtype, shape, data.asSlice(span.begin, expected)));
    }
    requireWhole(file, spans, data.byteSize());
    return tensors;
  }

  private static DType dtype(String file, String name, String text) {
    return switch (text) {
      case "F64" -> DType.F64;
      case "F32" -> DType.F32;
      case "F16" -> DType.F16;
      case "BF16" -> DType.BF16;
      case "I64" -> DType.I64;
      case "I32" -> DType.I32;
      case "I8" -> DType.I8;
      case "U8" -> DType.U8;
      case "BOOL" -> DType.BOOL;
      default -> throw unsound(file, "tensor %s has the unknown dtype '%s'".formatted(name, text));
    };
  }

  private static Shape shape(String file, String name, JsonNode node) {
    if (!node.isArray()) {
      throw unsound(file, "tensor %s has no shape".formatted(name));
    }
    long[] dims = new long[node.size()];
    for (int i = 0; i < dims.length; i++) {
      JsonNode dim = node.get(i);
      if (!isLong(dim) || dim.longValue() < 0) {
        throw unsound(file, "tensor %s has the dimension %s".formatted(name, dim));
      }
      dims[i] = dim.longValue();
    }
    return new Shape(dims);
  }

  private static Span span(String file, String name, JsonNode node) {
    if (!node.isArray() || node.size() != 2 || !isLong(node.get(0)) || !isLong(node.get(1))) {
      throw unsound(file, "tensor %s has no two data_offsets".formatted(name));
    }
    Span span = new Span(name, node.get(0).longValue(), node.get(1).longValue());
    if (span.begin < 0 || span.end < span.begin) {
      throw unsound(file, "tensor %s has the data_offsets %s".formatted(name, node));
    }
    return span;
  }

  private static boolean isLong(JsonNode node) {
    return node.isIntegralNumber() && node.canConvertToLong();
  }

  private static long bytes(String file, String name, Shape shape, DType dtype) {
    try {
      return Math.multiplyExact(shape.elements(), dtype.bytes());
    } catch (ArithmeticException e) {
      throw unsound(file, "tensor %s has the shape %s, beyond 2^63 bytes".formatted(name, shape));
    }
  }

  /** Bytes that belong to no tensor could be anything, a second file among them. */
  private static void requireWhole(String file, List<Span> spans, long dataBytes) {
    spans.sort(Comparator.comparingLong(Span::begin).thenComparingLong(Span::end));
    Span before = new Span("the header", 0, 0);
    for (Span span : spans) {
      if (span.begin < before.end) {
        throw unsound(file, "tensors %s and %s overlap".formatted(before.name, span.name));
      }
      if (span.begin > before.end) {
        throw unsound(
            file,
            "%d bytes before tensor %s belong to none"
                .formatted(span.begin - before.end, span.name));
      }
      before = span;
    }
    if (before.end < dataBytes) {
      throw unsound(
          file, "%d bytes after the last tensor belong to none".formatted(dataBytes - before.end));
    }
  }

  private static TrimtabException unsound(String file, String what) {
    return TrimtabException.invalid(file + " is not a sound safetensors file: " + what);
  }

  private record Span(String name, long begin, long end) {}
}
