package io.trimtab.serving.openinference;

import com.google.protobuf.ByteString;
import io.trimtab.error.TrimtabException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The raw form of a BYTES tensor: its elements one behind the other, each behind its length in
 * bytes as a little-endian u32.
 */
final class RawElements {
  private static final int LENGTH_BYTES = Integer.BYTES;

  private RawElements() {}

  /**
   * Reads all elements, which share the raw bytes.
   *
   * @param name of the tensor, for refusals
   * @param count that the tensor's shape names
   */
  static List<ByteString> read(String name, ByteString raw, int count) {
    ByteBuffer buffer = raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    List<ByteString> elements = new ArrayList<>();
    while (elements.size() < count) {
      if (buffer.remaining() < LENGTH_BYTES) {
        throw TrimtabException.invalid(
            "The raw contents of '%s' end after %d elements, expected %d by its shape"
                .formatted(name, elements.size(), count));
      }
      long length = Integer.toUnsignedLong(buffer.getInt());
      if (length > buffer.remaining()) {
        throw TrimtabException.invalid(
            "Element %d of '%s' has a length of %d bytes, expected at most %d, which follow it"
                .formatted(elements.size(), name, length, buffer.remaining()));
      }
      int start = buffer.position();
      buffer.position(start + (int) length);
      elements.add(raw.substring(start, buffer.position()));
    }
    if (buffer.hasRemaining()) {
      throw TrimtabException.invalid(
          "The raw contents of '%s' go on for %d bytes after its %d elements, expected an end"
              .formatted(name, buffer.remaining(), count));
    }
    return elements;
  }

  /** One element in this form. */
  static ByteString of(ByteString element) {
    ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    length.putInt(element.size()).flip();
    return ByteString.copyFrom(length).concat(element);
  }
}
