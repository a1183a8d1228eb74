package io.trimtab.model.image;

import io.trimtab.error.TrimtabException;
import java.nio.charset.StandardCharsets;

/**
 * Where the first frame of a WebP file lies: its data, and its place on the canvas.
 *
 * @param codec how the frame is coded
 * @param from first byte of the frame's chunk data
 * @param end byte after it
 * @param canvasWidth pixels; of the picture as a whole
 * @param canvasHeight pixels
 * @param left first column of the frame
 * @param top first row of the frame
 */
record WebpContainer(
    Codec codec, int from, int end, int canvasWidth, int canvasHeight, int left, int top) {
  enum Codec {
    LOSSY,
    LOSSLESS
  }

  /** Walks the chunks; INVALID_ARGUMENT where the file is cut short or holds no frame. */
  static WebpContainer read(byte[] encoded) {
    long riff = number(encoded, 4, 4) + 8;
    if (riff > encoded.length) {
      throw TrimtabException.invalid(
          "Expected a whole WEBP picture of %d bytes, got %d".formatted(riff, encoded.length));
    }
    return new Walk(encoded).chunks(12, (int) riff);
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

  /** What has been learned from the chunks before the frame's. */
  private static final class Walk {
    private final byte[] bytes;
    private int canvasWidth;
    private int canvasHeight;
    private int left;
    private int top;

    Walk(byte[] bytes) {
      this.bytes = bytes;
    }

    WebpContainer chunks(int from, int end) {
      int at = from;
      while (at + 8 <= end) {
        String name = new String(bytes, at, 4, StandardCharsets.US_ASCII);
        long size = number(bytes, at + 4, 4);
        int data = at + 8;
        if (data + size > end) {
          throw TrimtabException.invalid(
              "Expected a whole WEBP picture, its chunk %s ends beyond the file".formatted(name));
        }
        int dataEnd = data + (int) size;
        switch (name) {
          case "VP8 " -> {
            return frame(Codec.LOSSY, data, dataEnd);
          }
          case "VP8L" -> {
            return frame(Codec.LOSSLESS, data, dataEnd);
          }
          case "VP8X" -> {
            canvasWidth = 1 + (int) number(bytes, data + 4, 3);
            canvasHeight = 1 + (int) number(bytes, data + 7, 3);
          }
          case "ANMF" -> {
            left = 2 * (int) number(bytes, data, 3);
            top = 2 * (int) number(bytes, data + 3, 3);
            return chunks(data + 16, dataEnd);
          }
          default -> {
            // Profiles, metadata, alpha and timing say nothing about RGB.
          }
        }
        at = dataEnd + (int) (size % 2);
      }
      throw TrimtabException.invalid("Expected a WEBP picture with a frame, found none");
    }

    private WebpContainer frame(Codec codec, int from, int end) {
      int width;
      int height;
      if (codec == Codec.LOSSY) {
        width = (int) number(bytes, from + 6, 2) & 0x3fff;
        height = (int) number(bytes, from + 8, 2) & 0x3fff;
      } else {
        long packed = number(bytes, from + 1, 4);
        width = 1 + (int) (packed & 0x3fff);
        height = 1 + (int) (packed >> 14 & 0x3fff);
      }
      return new WebpContainer(
          codec,
          from,
          end,
          Math.max(canvasWidth, left + width),
          Math.max(canvasHeight, top + height),
          left,
          top);
    }
  }
}
