package io.trimtab.engine.constraint;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The parts of a schema, and what follows from them. Immutable. */
final class Grammar {
  /** In place of a part: the whole value is complete. */
  static final int END = -1;

  /** Most arrays and objects inside each other. */
  static final int DEPTH_MAX = 64;

  /** Most forms that one place may have; enumerated words are one. */
  static final int FORMS_MAX = 128;

  /** Height of a part that no value has. */
  static final int IMPOSSIBLE = Integer.MAX_VALUE;

  private final List<Part> parts;
  private final int root;
  private final int[] heights;
  private final int[][] forms;

  Grammar(List<Part> parts, int root) {
    this.parts = List.copyOf(parts);
    this.root = root;
    this.heights = Heights.of(this.parts);
    this.forms = new int[parts.size()][];
    for (int part = 0; part < forms.length; part++) {
      forms[part] = forms(this.parts, part);
    }
  }

  int root() {
    return root;
  }

  Part part(int index) {
    return parts.get(index);
  }

  int size() {
    return parts.size();
  }

  /**
   * The least number of arrays and objects inside each other of any value of the part; {@link
   * #IMPOSSIBLE} where there is none.
   */
  int height(int part) {
    return heights[part];
  }

  /** Whether a value of the part has room inside this many arrays and objects. */
  boolean fits(int part, int depth) {
    return heights[part] <= DEPTH_MAX - depth;
  }

  /** The part itself, or what a choice comes down to: no choices, each once, in their order. */
  int[] forms(int part) {
    return forms[part];
  }

  /** One more than {@link #FORMS_MAX} at most. */
  private static int[] forms(List<Part> parts, int part) {
    Set<Integer> found = new LinkedHashSet<>();
    Set<Integer> seen = new LinkedHashSet<>();
    List<Integer> open = new ArrayList<>(List.of(part));
    while (!open.isEmpty() && found.size() <= FORMS_MAX) {
      int next = open.removeLast();
      if (!seen.add(next)) {
        continue;
      }
      switch (parts.get(next)) {
        case Part.Choice(List<Integer> options) -> open.addAll(options.reversed());
        case Part.Word _, Part.Text _, Part.Items _, Part.Members _ -> found.add(next);
      }
    }
    return found.stream().mapToInt(Integer::intValue).toArray();
  }
}
