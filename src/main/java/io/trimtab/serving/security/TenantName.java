package io.trimtab.serving.security;

import io.trimtab.adapter.AdapterId;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import java.util.regex.Pattern;

/** The spelling of a tenant's name, which is that of an adapter's. */
public final class TenantName {
  private static final Pattern SYNTAX = Pattern.compile(AdapterId.SYNTAX);

  private TenantName() {}

  /** Whether it is one. */
  public static boolean is(String name) {
    return SYNTAX.matcher(name).matches();
  }

  /**
   * The name itself.
   *
   * @throws TrimtabException INVALID_ARGUMENT for another spelling
   */
  public static String require(String name) {
    if (!is(name)) {
      throw TrimtabException.invalid(
          "x-tenant is %s, expected %s".formatted(Quoted.of(name), AdapterId.SYNTAX));
    }
    return name;
  }
}
