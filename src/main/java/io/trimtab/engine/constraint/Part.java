package io.trimtab.engine.constraint;

import java.util.List;

/**
 * A form that a JSON value may have. Parts name each other by their index in the {@link Grammar},
 * so that they may recur.
 */
sealed interface Part {
  /** A number of characters or elements without a limit. */
  int UNBOUNDED = Integer.MAX_VALUE;

  /** One of other parts; none of them admits nothing. */
  record Choice(List<Integer> options) implements Part {
    public Choice {
      options = List.copyOf(options);
    }
  }

  /** A number, or one of a list of words. */
  record Word(Lexeme lexeme) implements Part {}

  /**
   * A string.
   *
   * @param least characters (code points)
   * @param most characters, or {@link #UNBOUNDED}
   */
  record Text(int least, int most) implements Part {}

  /**
   * An array.
   *
   * @param prefix parts of the first elements
   * @param rest part of the elements after them
   * @param least elements
   * @param most elements, or {@link #UNBOUNDED}
   */
  record Items(List<Integer> prefix, int rest, int least, int most) implements Part {
    public Items {
      prefix = List.copyOf(prefix);
    }

    /** Part of the element at this index. */
    int element(int index) {
      return index < prefix.size() ? prefix.get(index) : rest;
    }
  }

  /**
   * An object, its listed members in their order and any others after them.
   *
   * @param names of the listed members
   * @param members parts of the listed members
   * @param additional part of members that are not listed
   */
  record Members(MemberNames names, List<Integer> members, int additional) implements Part {
    public Members {
      members = List.copyOf(members);
    }
  }
}
