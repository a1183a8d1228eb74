package io.trimtab.testing;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;

/** What comes in place of pictures. */
public final class BrokenPictures {
  private BrokenPictures() {}

  /** The first half of a PNG. */
  public static byte[] cutShort() {
    byte[] whole = DrawnPictures.png(1).encoded();
    return Arrays.copyOf(whole, whole.length / 2);
  }

  /** A PNG of a few bytes whose pixels would take 30 GB. */
  public static byte[] bomb() {
    ByteBuffer header = ByteBuffer.allocate(17);
    header.put("IHDR".getBytes(StandardCharsets.US_ASCII)).putInt(100_000).putInt(100_000);
    header.put(new byte[] {8, 2, 0, 0, 0});
    CRC32 crc = new CRC32();
    crc.update(header.array());
    ByteBuffer png = ByteBuffer.allocate(8 + 4 + 17 + 4);
    png.put(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    png.putInt(13).put(header.array()).putInt((int) crc.getValue());
    return png.array();
  }
}
