package io.trimtab.adapter.peft;

import io.trimtab.adapter.peft.PythonPattern.Budget;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code layers_to_transform} and {@code layers_pattern} leave of a list of targets.
 *
 * @param layers numbers of the layers that stay; empty for all
 * @param parents patterns of what stands before the number; empty for anything
 */
record LayerFilter(Set<Integer> layers, List<PythonPattern> parents) {
  /** Everything stays. */
  static final LayerFilter NONE = new LayerFilter(Set.of(), List.of());

  /** A name that an adapter reaches has one numbered part at most that another part follows. */
  private static final Pattern NUMBERED = Pattern.compile("(.*?\\.[^.]*)\\.(\\d{1,9})\\..*");

  LayerFilter {
    layers = Set.copyOf(layers);
    parents = List.copyOf(parents);
  }

  boolean keeps(String name, Budget budget) {
    if (layers.isEmpty()) {
      return true;
    }
    Matcher numbered = NUMBERED.matcher(name);
    return numbered.matches()
        && layers.contains(Integer.parseInt(numbered.group(2)))
        && (parents.isEmpty()
            || parents.stream().anyMatch(parent -> parent.matches(numbered.group(1), budget)));
  }
}
