package io.trimtab.cli.doctor;

import java.util.Locale;

/** How bad it is, the best first. */
public enum Level {
  OK,
  /** A server starts, and something is not as it could be. */
  WARNING,
  /** A server does not start, or does not do what it is told. */
  FAULT;

  /** As it is printed. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
