package io.trimtab.adapter;

import io.trimtab.error.TrimtabException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a request asks to be served by. */
public sealed interface AdapterSelector {
  /** The adapter {@code default} where the tenant has one, else base. */
  record TenantDefault() implements AdapterSelector {}

  /** The model without an adapter. */
  record Base() implements AdapterSelector {}

  /** Whatever revision of a name is served now. */
  record Served(String name) implements AdapterSelector {}

  /** One revision of a name, from 1. */
  record Exact(String name, int revision) implements AdapterSelector {}

  /** Nine digits always fit an int. */
  Pattern PATTERN = Pattern.compile("(" + AdapterId.SYNTAX + ")(?:@([1-9][0-9]{0,8}))?");

  /**
   * Reads {@code ""}, {@code base}, {@code name} or {@code name@revision}.
   *
   * @throws TrimtabException INVALID_ARGUMENT for anything else
   */
  static AdapterSelector parse(String text) {
    if (text.isEmpty()) {
      return new TenantDefault();
    }
    if (text.equals(AdapterId.BASE)) {
      return new Base();
    }
    Matcher matcher = PATTERN.matcher(text);
    if (!matcher.matches() || matcher.group(1).equals(AdapterId.BASE)) {
      throw TrimtabException.invalid(
          "The adapter is malformed, expected '', 'base', name or name@revision, name being "
              + AdapterId.SYNTAX);
    }
    String revision = matcher.group(2);
    return revision == null
        ? new Served(matcher.group(1))
        : new Exact(matcher.group(1), Integer.parseInt(revision));
  }
}
