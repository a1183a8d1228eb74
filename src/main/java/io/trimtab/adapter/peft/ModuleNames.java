package io.trimtab.adapter.peft;

import io.trimtab.adapter.peft.PythonPattern.Budget;
import java.util.Set;

/** What {@code target_modules} or {@code exclude_modules} says: some of a model's modules. */
sealed interface ModuleNames {
  boolean contains(String name, Budget budget);

  /** A list: whole names, or their last parts. */
  record Endings(Set<String> endings) implements ModuleNames {
    public Endings {
      endings = Set.copyOf(endings);
    }

    @Override
    public boolean contains(String name, Budget budget) {
      if (endings.contains(name)) {
        return true;
      }
      for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
        if (endings.contains(name.substring(dot + 1))) {
          return true;
        }
      }
      return false;
    }
  }

  /** A string: a regular expression for the whole name. */
  record Matching(String text, PythonPattern pattern) implements ModuleNames {
    @Override
    public boolean contains(String name, Budget budget) {
      return pattern.matches(name, budget);
    }
  }

  /** {@code all-linear}: every linear layer but the output head. */
  record AllLinear() implements ModuleNames {
    @Override
    public boolean contains(String name, Budget budget) {
      return true;
    }
  }
}
