package io.trimtab.model.text;

/**
 * Turns a stream of bytes into text, whole characters only.
 *
 * <p>What can never become a character is U+FFFD, one for each maximal prefix of one, as Rust's
 * {@code String::from_utf8_lossy} and the WHATWG encoding standard have it (Java's own decoder
 * replaces encoded surrogates otherwise). Not thread-safe.
 */
final class Utf8Text {
  private static final char REPLACEMENT = '\uFFFD';

  private final StringBuilder text = new StringBuilder();
  private int codePoint;
  private int needed;
  // Bounds of the next continuation byte; narrower than 80..BF after E0, ED, F0 and F4.
  private int lower = 0x80;
  private int upper = 0xBF;

  /** Takes bytes {@code [from, to)}. */
  void append(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      append(bytes[i] & 0xFF);
    }
  }

  /** The characters completed since the last call. */
  String take() {
    String taken = text.toString();
    text.setLength(0);
    return taken;
  }

  /** As {@link #take}, with an unfinished character at the end as U+FFFD. */
  String finish() {
    if (needed > 0) {
      broken();
    }
    return take();
  }

  private void append(int octet) {
    if (needed == 0) {
      lead(octet);
      return;
    }
    if (octet < lower || octet > upper) {
      broken();
      lead(octet);
      return;
    }
    lower = 0x80;
    upper = 0xBF;
    codePoint = (codePoint << 6) | (octet & 0x3F);
    needed--;
    if (needed == 0) {
      text.appendCodePoint(codePoint);
    }
  }

  private void lead(int octet) {
    if (octet < 0x80) {
      text.append((char) octet);
    } else if (octet >= 0xC2 && octet <= 0xDF) {
      await(octet & 0x1F, 1);
    } else if (octet >= 0xE0 && octet <= 0xEF) {
      lower = octet == 0xE0 ? 0xA0 : 0x80;
      upper = octet == 0xED ? 0x9F : 0xBF;
      await(octet & 0x0F, 2);
    } else if (octet >= 0xF0 && octet <= 0xF4) {
      lower = octet == 0xF0 ? 0x90 : 0x80;
      upper = octet == 0xF4 ? 0x8F : 0xBF;
      await(octet & 0x07, 3);
    } else {
      text.append(REPLACEMENT);
    }
  }

  private void await(int bits, int continuationBytes) {
    codePoint = bits;
    needed = continuationBytes;
  }

  private void broken() {
    text.append(REPLACEMENT);
    needed = 0;
    lower = 0x80;
    upper = 0xBF;
  }
}
