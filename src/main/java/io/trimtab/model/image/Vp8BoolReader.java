package io.trimtab.model.image;

/**
 * VP8's arithmetic decoder (RFC 6386, section 7) over one partition. Past the end it reads zeros,
 * as libwebp does; whether a file is whole is the container's matter.
 */
final class Vp8BoolReader {
  private final byte[] bytes;
  private final int end;
  private int at;
  private int value;
  private int range = 255;
  private int shifted;

  Vp8BoolReader(byte[] bytes, int from, int end) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
    this.value = next() << 8 | next();
  }

  private int next() {
    return at < end ? bytes[at++] & 0xff : 0;
  }

  /** One bit that is 0 with {@code probability} in 256. */
  int bit(int probability) {
    int split = 1 + (((range - 1) * probability) >> 8);
    int bit = 0;
    if (value >= split << 8) {
      bit = 1;
      range -= split;
      value -= split << 8;
    } else {
      range = split;
    }
    while (range < 128) {
      range <<= 1;
      value <<= 1;
      if (++shifted == 8) {
        shifted = 0;
        value |= next();
      }
    }
    return bit;
  }

  boolean flag() {
    return bit(128) == 1;
  }

  /** An unsigned number, most significant bit first. */
  int number(int bits) {
    int number = 0;
    for (int i = 0; i < bits; i++) {
      number = number << 1 | bit(128);
    }
    return number;
  }

  /** A magnitude and then its sign. */
  int signed(int bits) {
    int magnitude = number(bits);
    return flag() ? -magnitude : magnitude;
  }

  /** A signed number if a flag says that there is one, else 0. */
  int optional(int bits) {
    return flag() ? signed(bits) : 0;
  }
}
