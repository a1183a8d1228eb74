package io.trimtab.engine.constraint;

import java.util.Arrays;
import java.util.List;

/**
 * How deep the flattest value of each part is: the least fixed point, so that what recurs without
 * an end has none.
 */
final class Heights {
  private Heights() {}

  static int[] of(List<Part> parts) {
    int[] heights = new int[parts.size()];
    Arrays.fill(heights, Grammar.IMPOSSIBLE);
    boolean changed = true;
    while (changed) {
      changed = false;
      for (int part = parts.size() - 1; part >= 0; part--) {
        int height = height(parts.get(part), heights);
        changed |= height < heights[part];
        heights[part] = height;
      }
    }
    return heights;
  }

  private static int height(Part part, int[] heights) {
    return switch (part) {
      case Part.Choice(List<Integer> options) ->
          options.stream().mapToInt(option -> heights[option]).min().orElse(Grammar.IMPOSSIBLE);
      case Part.Word(Lexeme lexeme) -> lexeme.isEmpty() ? Grammar.IMPOSSIBLE : 0;
      case Part.Text(int least, int most) -> least > most ? Grammar.IMPOSSIBLE : 0;
      case Part.Items items ->
          items.least() > items.most() ? Grammar.IMPOSSIBLE : of(items, heights);
      case Part.Members members -> of(members, heights);
    };
  }

  private static int of(Part.Items items, int[] heights) {
    int inside = -1;
    for (int index = 0; index < Math.min(items.least(), items.prefix().size() + 1); index++) {
      inside = Math.max(inside, heights[items.element(index)]);
    }
    return around(inside);
  }

  private static int of(Part.Members members, int[] heights) {
    int inside = -1;
    for (int member = 0; member < members.members().size(); member++) {
      if (members.names().isRequired(member)) {
        inside = Math.max(inside, heights[members.members().get(member)]);
      }
    }
    return around(inside);
  }

  private static int around(int inside) {
    return inside == Grammar.IMPOSSIBLE ? inside : Math.max(inside, 0) + 1;
  }
}
