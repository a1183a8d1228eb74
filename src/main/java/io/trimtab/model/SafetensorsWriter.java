package io.trimtab.model;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** Writes tensors as one safetensors file, which {@link Safetensors} reads. */
public final class SafetensorsWriter {
  /** The reference implementation aligns the data so. */
  private static final int ALIGNMENT = 8;

  private static final int PIECE_BYTES = 1 << 20;

  private SafetensorsWriter() {}

  /**
   * Writes the file aside and moves it into place when it is whole and on disk, replacing what is
   * there.
   *
   * @param tensors in the order of the map
   */
  public static void write(Path file, Map<String, Tensor> tensors) throws IOException {
    Path aside = file.resolveSibling(file.getFileName() + ".part");
    try (FileChannel channel =
        FileChannel.open(
            aside,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      writeAll(channel, ByteBuffer.wrap(header(tensors)));
      ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
      for (Tensor tensor : tensors.values()) {
        write(channel, tensor.data(), piece);
      }
      channel.force(true);
    }
    Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static byte[] header(Map<String, Tensor> tensors) {
    ObjectNode header = new JsonMapper().createObjectNode();
    header.putObject("__metadata__").put("format", "pt");
    long offset = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      ObjectNode tensor = header.putObject(entry.getKey());
      tensor.put("dtype", entry.getValue().dtype().name());
      ArrayNode shape = tensor.putArray("shape");
      for (long dim : entry.getValue().shape().dims()) {
        shape.add(dim);
      }
      long end = offset + entry.getValue().data().byteSize();
      tensor.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
    int padded = Math.ceilDiv(text.length, ALIGNMENT) * ALIGNMENT;
    ByteBuffer bytes = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(padded).put(text);
    while (bytes.hasRemaining()) {
      bytes.put((byte) ' ');
    }
    return bytes.array();
  }

  private static void write(FileChannel channel, MemorySegment data, ByteBuffer piece)
      throws IOException {
    for (long from = 0; from < data.byteSize(); from += PIECE_BYTES) {
      long bytes = Math.min(PIECE_BYTES, data.byteSize() - from);
      MemorySegment.copy(data, from, MemorySegment.ofBuffer(piece.clear()), 0, bytes);
      writeAll(channel, piece.limit((int) bytes));
    }
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
