package io.trimtab.model.image;

import io.trimtab.error.TrimtabException;

/**
 * Where a GIF's first frame lies on its canvas. ImageIO reads the frame alone; Pillow's picture is
 * the canvas, grown to hold the frame, and filled with the transparent entry, or with entry 0.
 *
 * @param canvasWidth pixels, at least the frame's right edge
 * @param canvasHeight pixels, at least the frame's lower edge
 * @param left first column of the frame
 * @param top first row of the frame
 * @param fill palette index around the frame
 */
record GifHeader(int canvasWidth, int canvasHeight, int left, int top, int fill) {
  /** Reads blocks up to the first image descriptor; INVALID_ARGUMENT where there is none. */
  static GifHeader read(byte[] encoded) {
    Cursor cursor = new Cursor(encoded);
    int width = cursor.shortAt(6);
    int height = cursor.shortAt(8);
    int flags = cursor.byteAt(10);
    int at = 13 + paletteBytes(flags);
    int fill = 0;
    while (true) {
      int block = cursor.byteAt(at);
      if (block == ',') {
        int left = cursor.shortAt(at + 1);
        int top = cursor.shortAt(at + 3);
        return new GifHeader(
            Math.max(width, left + cursor.shortAt(at + 5)),
            Math.max(height, top + cursor.shortAt(at + 7)),
            left,
            top,
            fill);
      }
      if (block != '!') {
        throw TrimtabException.invalid(
            "Expected a GIF with at least one frame, found block %d at byte %d"
                .formatted(block, at));
      }
      boolean control = cursor.byteAt(at + 1) == 0xf9;
      if (control && (cursor.byteAt(at + 3) & 1) == 1) {
        fill = cursor.byteAt(at + 6);
      }
      at += 2;
      while (cursor.byteAt(at) != 0) {
        at += 1 + cursor.byteAt(at);
      }
      at++;
    }
  }

  private static int paletteBytes(int flags) {
    return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
  }

  private record Cursor(byte[] bytes) {
    int byteAt(int at) {
      if (at >= bytes.length) {
        throw TrimtabException.invalid(
            "Expected a GIF frame, the data ends at byte " + bytes.length);
      }
      return bytes[at] & 0xff;
    }

    int shortAt(int at) {
      return byteAt(at) | byteAt(at + 1) << 8;
    }
  }
}
