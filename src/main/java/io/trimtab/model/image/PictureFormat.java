package io.trimtab.model.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** The picture formats that are accepted, told apart by their first bytes and nothing else. */
enum PictureFormat {
  PNG("png"),
  JPEG("jpeg"),
  WEBP("webp"),
  GIF("gif"),
  BMP("bmp");

  /** For messages. */
  static final String ACCEPTED = "PNG, JPEG, WebP, GIF or BMP";

  private static final byte[] PNG_MAGIC = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

  private final String imageIoName;

  PictureFormat(String imageIoName) {
    this.imageIoName = imageIoName;
  }

  /** Name under which ImageIO knows readers of this format. */
  String imageIoName() {
    return imageIoName;
  }

  static Optional<PictureFormat> of(byte[] encoded) {
    if (startsWith(encoded, 0, PNG_MAGIC)) {
      return Optional.of(PNG);
    }
    if (startsWith(encoded, 0, new byte[] {(byte) 0xff, (byte) 0xd8, (byte) 0xff})) {
      return Optional.of(JPEG);
    }
    if (startsWith(encoded, 0, ascii("RIFF")) && startsWith(encoded, 8, ascii("WEBP"))) {
      return Optional.of(WEBP);
    }
    if (startsWith(encoded, 0, ascii("GIF87a")) || startsWith(encoded, 0, ascii("GIF89a"))) {
      return Optional.of(GIF);
    }
    if (startsWith(encoded, 0, ascii("BM"))) {
      return Optional.of(BMP);
    }
    return Optional.empty();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static boolean startsWith(byte[] bytes, int from, byte[] magic) {
    return bytes.length >= from + magic.length
        && Arrays.equals(bytes, from, from + magic.length, magic, 0, magic.length);
  }
}
