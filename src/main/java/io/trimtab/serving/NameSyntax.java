package io.trimtab.serving;

import io.trimtab.adapter.AdapterId;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import java.util.regex.Pattern;

/**
 * The spelling of names that clients send. What does not match is refused here, before it touches a
 * path, a key or a log.
 */
public final class NameSyntax {
  static final int REQUEST_ID_CHARACTERS_MAX = 128;

  private static final String NAME = AdapterId.SYNTAX;
  // Nine digits always fit an int.
  private static final Pattern ADAPTER = Pattern.compile("(" + NAME + "(@[1-9][0-9]{0,8})?)?");
  private static final Pattern REQUEST_ID =
      Pattern.compile("[\\x20-\\x7e]{1," + REQUEST_ID_CHARACTERS_MAX + "}");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-fA-F]{64}");

  private NameSyntax() {}

  /** Empty, {@code base}, {@code name} or {@code name@revision}. */
  public static String requireAdapter(String adapter) {
    return require(
        ADAPTER, "adapter", adapter, "'', 'base', name or name@revision, name being " + NAME);
  }

  public static String requireRequestId(String requestId) {
    return require(
        REQUEST_ID,
        "request_id",
        requestId,
        "at most %d printable ASCII characters".formatted(REQUEST_ID_CHARACTERS_MAX));
  }

  public static boolean isSha256(String digest) {
    return SHA256.matcher(digest).matches();
  }

  private static String require(Pattern pattern, String field, String value, String expected) {
    if (!pattern.matcher(value).matches()) {
      throw TrimtabException.invalid(
          "%s is %s, expected %s".formatted(field, Quoted.of(value), expected));
    }
    return value;
  }
}
