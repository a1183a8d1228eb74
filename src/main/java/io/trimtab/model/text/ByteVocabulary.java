package io.trimtab.model.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The bytes of every token of a byte-level vocabulary (GPT-2's, where each byte is written as one
 * printable character). Immutable.
 */
final class ByteVocabulary {
  private static final byte[] BYTE_OF_CHARACTER = new byte[512];
  private static final boolean[] IS_BYTE = new boolean[512];

  static {
    int next = 256;
    for (int octet = 0; octet < 256; octet++) {
      boolean printable =
          (octet >= '!' && octet <= '~')
              || (octet >= 0xA1 && octet <= 0xAC)
              || (octet >= 0xAE && octet <= 0xFF);
      int character = printable ? octet : next++;
      BYTE_OF_CHARACTER[character] = (byte) octet;
      IS_BYTE[character] = true;
    }
  }

  private final byte[] bytes;
  private final int[] offsets;

  ByteVocabulary(TokenizerFile file) {
    String[] tokens = new String[file.vocabularySize()];
    file.forEachToken((token, id) -> tokens[id] = token);
    ByteArrayOutputStream all = new ByteArrayOutputStream(tokens.length * 8);
    offsets = new int[tokens.length + 1];
    for (int id = 0; id < tokens.length; id++) {
      if (tokens[id] != null) {
        all.writeBytes(bytesOf(tokens[id]));
      }
      offsets[id + 1] = all.size();
    }
    bytes = all.toByteArray();
  }

  /** Passes the token's bytes on; an id without a token has none. */
  void append(int token, Utf8Text text) {
    if (token >= 0 && token < offsets.length - 1) {
      text.append(bytes, offsets[token], offsets[token + 1]);
    }
  }

  /** The token's bytes; an id without a token has none. */
  byte[] bytesOf(int token) {
    return token >= 0 && token < offsets.length - 1
        ? Arrays.copyOfRange(bytes, offsets[token], offsets[token + 1])
        : new byte[0];
  }

  /** A token with any character that stands for no byte is its own UTF-8, as in the library. */
  private static byte[] bytesOf(String token) {
    byte[] mapped = new byte[token.length()];
    int count = 0;
    for (int i = 0; i < token.length(); i++) {
      char c = token.charAt(i);
      if (c >= IS_BYTE.length || !IS_BYTE[c]) {
        return token.getBytes(StandardCharsets.UTF_8);
      }
      mapped[count++] = BYTE_OF_CHARACTER[c];
    }
    return Arrays.copyOf(mapped, count);
  }
}
