package io.trimtab.model.image;

import io.trimtab.error.TrimtabException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What must not reach the JDK's reader of BMP: a JPEG or PNG in a BMP's clothes. It takes as much
 * memory for such a file as a header field says, up to 2 GiB, and reads it without regard to the
 * size that the outer header states. Pillow refuses these too.
 */
final class BmpHeader {
  private static final int SIZE_AT = 14;
  private static final int COMPRESSION_AT = 30;

  /** The least size of a header that states a compression. */
  private static final int INFO_HEADER_BYTES = 40;

  private static final int EMBEDDED_JPEG = 4;
  private static final int EMBEDDED_PNG = 5;

  private BmpHeader() {}

  /** Throws INVALID_ARGUMENT where the pixels are stated to be a JPEG's or PNG's. */
  static void check(byte[] encoded) {
    if (encoded.length < COMPRESSION_AT + Integer.BYTES) {
      return; // too short for any picture, which the reader says
    }
    ByteBuffer header = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
    if (Integer.toUnsignedLong(header.getInt(SIZE_AT)) < INFO_HEADER_BYTES) {
      return;
    }
    int compression = header.getInt(COMPRESSION_AT);
    if (compression == EMBEDDED_JPEG || compression == EMBEDDED_PNG) {
      throw TrimtabException.invalid(
          "Expected a BMP with pixels of its own, got one that holds a JPEG or PNG (compression %d)"
              .formatted(compression));
    }
  }
}
