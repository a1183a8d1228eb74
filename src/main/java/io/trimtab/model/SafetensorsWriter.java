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
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * Writes safetensors files, tensors in the map's order; what is written {@link Safetensors} reads.
 * Nothing but the header passes through the heap. Whether the bytes are on the disk, and seen only
 * when whole, is the caller's affair.
 */
public final class SafetensorsWriter {
  /** Data begin at a multiple of this, as the format's own writer has it. */
  private static final int ALIGNMENT = 8;

  private static final long PIECE_BYTES = 1 << 28;
  private static final JsonMapper JSON = new JsonMapper();

  private SafetensorsWriter() {}

  /** Writes a file, in place of one that is there. */
  public static void write(Path file, Map<String, Tensor> tensors) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      writeFully(channel, header(tensors));
      for (Tensor tensor : tensors.values()) {
        MemorySegment data = tensor.data();
        for (long from = 0; from < data.byteSize(); from += PIECE_BYTES) {
          long bytes = Math.min(PIECE_BYTES, data.byteSize() - from);
          writeFully(channel, data.asSlice(from, bytes).asByteBuffer());
        }
      }
    }
  }

  private static ByteBuffer header(Map<String, Tensor> tensors) throws IOException {
    ObjectNode header = JSON.createObjectNode();
    header.putObject("__metadata__").put("format", "pt");
    long end = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      Tensor tensor = entry.getValue();
      ObjectNode node = header.putObject(entry.getKey()).put("dtype", tensor.dtype().name());
      ArrayNode shape = node.putArray("shape");
      for (long dim : tensor.shape().dims()) {
        shape.add(dim);
      }
      long begin = end;
      end += tensor.data().byteSize();
      node.putArray("data_offsets").add(begin).add(end);
    }
    byte[] text = JSON.writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
    int padding = (ALIGNMENT - text.length % ALIGNMENT) % ALIGNMENT;
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES + text.length + padding).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(text.length + padding).put(text);
    while (bytes.hasRemaining()) {
      bytes.put((byte) ' ');
    }
    return bytes.flip();
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
