package io.trimtab.adapter;

import io.trimtab.error.TrimtabException;
import java.util.regex.Pattern;

/**
 * Whose adapter, and its name. Both are checked here, before they touch a key, a path or a log.
 *
 * @param tenant {@code [a-z0-9][a-z0-9._-]{0,62}}
 * @param name likewise, and not {@code base}, which is the model without an adapter
 */
public record AdapterId(String tenant, String name) {
  /** The name that a request means when it names none. */
  public static final String DEFAULT_NAME = "default";

  /** Stands for the model without an adapter. */
  public static final String BASE = "base";

  /** How tenants and adapters are spelled. */
  public static final String SYNTAX = "[a-z0-9][a-z0-9._-]{0,62}";

  private static final Pattern PATTERN = Pattern.compile(SYNTAX);

  public AdapterId {
    if (!isName(tenant)) {
      throw TrimtabException.invalid("The tenant's name is malformed, expected " + SYNTAX);
    }
    if (!isName(name)) {
      throw TrimtabException.invalid("The adapter's name is malformed, expected " + SYNTAX);
    }
    if (name.equals(BASE)) {
      throw TrimtabException.invalid(
          "'base' is the model without an adapter, expected another name");
    }
  }

  /** Whether a text is spelled as names are. */
  public static boolean isName(String text) {
    return PATTERN.matcher(text).matches();
  }

  @Override
  public String toString() {
    return tenant + "/" + name;
  }
}
