package io.trimtab.store;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Where a line of versions lies. Words from outside never become part of it: they are hashed.
 *
 * @param kind what its versions are, such as {@code adapters}: small letters and hyphens
 * @param digest sha-256 over the words that name the line, hex
 */
public record LineName(String kind, String digest) {
  private static final Pattern KIND = Pattern.compile("[a-z][a-z-]{0,31}");

  public LineName {
    if (!KIND.matcher(kind).matches() || !Sha256.isHex(digest)) {
      throw new IllegalArgumentException("Not the name of a line: %s/%s".formatted(kind, digest));
    }
  }

  /** The line that these words name; their number and order count. */
  public static LineName of(String kind, String... words) {
    MessageDigest sha256 = Sha256.start();
    for (String word : words) {
      byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
      // The length before each word: "a", "bc" must not be "ab", "c".
      sha256.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
      sha256.update(bytes);
    }
    return new LineName(kind, HexFormat.of().formatHex(sha256.digest()));
  }
}
