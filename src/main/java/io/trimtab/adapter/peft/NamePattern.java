package io.trimtab.adapter.peft;

import io.trimtab.adapter.peft.PythonPattern.Budget;
import java.util.regex.Pattern;

/** A key of {@code rank_pattern} or {@code alpha_pattern}: the last part of names of modules. */
sealed interface NamePattern {
  /** As PEFT's {@code re.match(rf"(.*\.)?({key})$", name)}. */
  boolean matches(String name, Budget budget);

  static NamePattern of(String key, PatternSize size) {
    return Plain.SYNTAX.matcher(key).matches()
        ? new Plain(key)
        : new Regular(PythonPattern.compile("(.*\\.)?(" + key + ")", size));
  }

  /** A path: compared in place, as an adapter may have a key for each of hundreds of layers. */
  record Plain(String path) implements NamePattern {
    private static final Pattern SYNTAX = Pattern.compile("[A-Za-z0-9_.]+");

    @Override
    public boolean matches(String name, Budget budget) {
      int start = name.length() - path.length();
      if (start < 0 || (start > 0 && name.charAt(start - 1) != '.')) {
        return false;
      }
      for (int i = path.length() - 1; i >= 0; i--) {
        // The key is a regular expression all the same: its dots stand for any character.
        if (path.charAt(i) != '.' && path.charAt(i) != name.charAt(start + i)) {
          return false;
        }
      }
      return true;
    }
  }

  /** Anything else. */
  record Regular(PythonPattern pattern) implements NamePattern {
    @Override
    public boolean matches(String name, Budget budget) {
      return pattern.matches(name, budget);
    }
  }
}
