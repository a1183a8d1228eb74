package io.trimtab.serving.security;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The names by which a server may be called over HTTP. A page whose own name is pointed at this
 * machine after it was loaded (DNS rebinding) is, to its browser, of the same site as this server;
 * what gives it away is the name that its calls carry.
 */
public enum HostNames {
  /** Any: keys are asked for, or whoever reaches the server is trusted. */
  ANY,
  /** {@code localhost}, what ends in {@code .localhost}, and addresses of the loopback. */
  LOOPBACK;

  private static final Pattern LOOPBACK_NAME =
      Pattern.compile("(.+\\.)?localhost\\.?|127(\\.\\d{1,3}){3}|\\[::1]|::1");

  /**
   * Whether the server goes by a name.
   *
   * @param host without a port; an IPv6 address with or without its brackets
   */
  public boolean has(String host) {
    return switch (this) {
      case ANY -> true;
      case LOOPBACK -> LOOPBACK_NAME.matcher(host.toLowerCase(Locale.ROOT)).matches();
    };
  }
}
