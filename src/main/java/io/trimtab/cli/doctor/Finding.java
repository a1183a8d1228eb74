package io.trimtab.cli.doctor;

/**
 * What a check found.
 *
 * @param check what was looked at, in a word or two
 * @param found what is there, or what is wrong, in a line
 * @param advice what to do about it; empty where nothing is to be done
 */
public record Finding(String check, Level level, String found, String advice) {
  public Finding {
    if (check.isBlank() || found.isBlank()) {
      throw new IllegalArgumentException("A finding says what was looked at and what was found");
    }
    if (advice.isBlank() != (level == Level.OK)) {
      throw new IllegalArgumentException(
          "A finding comes with advice where, and only where, something is wrong: " + found);
    }
  }

  public static Finding ok(String check, String found) {
    return new Finding(check, Level.OK, found, "");
  }

  public static Finding warning(String check, String found, String advice) {
    return new Finding(check, Level.WARNING, found, advice);
  }

  public static Finding fault(String check, String found, String advice) {
    return new Finding(check, Level.FAULT, found, advice);
  }
}
