package io.trimtab.model.image;

import io.trimtab.error.TrimtabException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * The first frame of an animated WebP file, which libwebp's decoder of stills refuses: where its
 * chunks lie, and its place on the canvas.
 *
 * @param from first byte of the frame's chunks, which libwebp reads as a picture of its own
 * @param end byte after them
 * @param canvasWidth pixels; of the picture as a whole, not checked against any limit
 * @param canvasHeight pixels
 * @param left first column of the frame
 * @param top first row of the frame
 */
record WebpAnimation(int from, int end, int canvasWidth, int canvasHeight, int left, int top) {
  private static final int FLAGS_AT = 20;
  private static final int ANIMATED = 2;
  private static final int CHUNK_HEADER = 8;

  /** Position, size, duration and flags, before the frame's chunks. */
  private static final int FRAME_HEADER = 16;

  /**
   * Empty for a file that does not say that it is animated; INVALID_ARGUMENT where it does, and is
   * cut short or holds no frame.
   */
  static Optional<WebpAnimation> of(byte[] encoded) {
    if (encoded.length <= FLAGS_AT
        || !name(encoded, 12).equals("VP8X")
        || (encoded[FLAGS_AT] & ANIMATED) == 0) {
      return Optional.empty();
    }
    int canvasWidth = 1 + (int) number(encoded, 24, 3);
    int canvasHeight = 1 + (int) number(encoded, 27, 3);
    int at = 12;
    while (at + CHUNK_HEADER <= encoded.length) {
      long end = at + CHUNK_HEADER + number(encoded, at + 4, 4);
      if (end > encoded.length) {
        throw TrimtabException.invalid(
            "Expected a whole WEBP picture, its chunk %s ends at byte %d of %d"
                .formatted(name(encoded, at), end, encoded.length));
      }
      if (name(encoded, at).equals("ANMF")) {
        int data = at + CHUNK_HEADER;
        int left = 2 * (int) number(encoded, data, 3);
        int top = 2 * (int) number(encoded, data + 3, 3);
        return Optional.of(
            new WebpAnimation(
                data + FRAME_HEADER, (int) end, canvasWidth, canvasHeight, left, top));
      }
      at = (int) (end + end % 2);
    }
    throw TrimtabException.invalid("Expected an animated WEBP picture with a frame, found none");
  }

  /** The frame's chunks. */
  byte[] frame(byte[] encoded) {
    return Arrays.copyOfRange(encoded, from, end);
  }

  private static String name(byte[] bytes, int at) {
    return new String(bytes, at, 4, StandardCharsets.US_ASCII);
  }

  private static long number(byte[] bytes, int at, int count) {
    if (at + count > bytes.length) {
      throw TrimtabException.invalid("Expected a whole WEBP picture, its data ends in a header");
    }
    long value = 0;
    for (int i = 0; i < count; i++) {
      value |= (bytes[at + i] & 0xffL) << 8 * i;
    }
    return value;
  }
}
