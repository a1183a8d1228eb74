package io.trimtab.engine.constraint;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The names of an object's listed members, as a trie over the bytes between their quotes. A place
 * in it also says where a name that is not listed may go on from there. Immutable.
 */
final class MemberNames {
  static final int ROOT = 0;
  static final int NONE = -1;

  private final int count;
  private final BitSet required;
  private final List<Node> nodes = new ArrayList<>();

  private static final class Node {
    private byte[] octets = new byte[0];
    private int[] children = new int[0];
    private int[] below = new int[0];
    private final int text;
    private int member = NONE;

    private Node(int text) {
      this.text = text;
    }

    private int child(int octet) {
      for (int at = 0; at < octets.length; at++) {
        if (octets[at] == (byte) octet) {
          return children[at];
        }
      }
      return NONE;
    }

    private void add(int octet, int child) {
      octets = Arrays.copyOf(octets, octets.length + 1);
      octets[octets.length - 1] = (byte) octet;
      children = with(children, child);
    }

    private static int[] with(int[] numbers, int last) {
      int[] longer = Arrays.copyOf(numbers, numbers.length + 1);
      longer[numbers.length] = last;
      return longer;
    }
  }

  /**
   * @param spelled names as JSON writes them, without their quotes; all different
   * @param required which of them must be there
   */
  MemberNames(List<String> spelled, BitSet required) {
    this.count = spelled.size();
    this.required = (BitSet) required.clone();
    nodes.add(new Node(JsonText.BASE));
    for (int member = 0; member < count; member++) {
      add(spelled.get(member), member);
    }
  }

  private void add(String spelled, int member) {
    Node at = nodes.getFirst();
    at.below = Node.with(at.below, member);
    for (byte signed : spelled.getBytes(StandardCharsets.UTF_8)) {
      int octet = signed & 0xFF;
      int child = at.child(octet);
      if (child == NONE) {
        child = nodes.size();
        at.add(octet, child);
        nodes.add(
            new Node(
                at.text == JsonText.DEAD
                    ? JsonText.DEAD
                    : JsonText.CANONICAL.next(at.text, octet)));
      }
      at = nodes.get(child);
      at.below = Node.with(at.below, member);
    }
    at.member = member;
  }

  /** How many are listed. */
  int count() {
    return count;
  }

  boolean isRequired(int member) {
    return required.get(member);
  }

  /** The first required member from this index on, or {@link #count}: none is skipped. */
  int firstRequired(int from) {
    int next = required.nextSetBit(from);
    return next < 0 ? count : next;
  }

  /** The place after a byte, or {@link #NONE} where no listed name goes on so. */
  int child(int place, int octet) {
    return nodes.get(place).child(octet);
  }

  /** The member whose name is complete here, or {@link #NONE}. */
  int member(int place) {
    return nodes.get(place).member;
  }

  /** Whether a quote ends a name here; after a backslash it is a part of it. */
  boolean mayEnd(int place) {
    return nodes.get(place).text == JsonText.BASE || nodes.get(place).text == JsonText.DEAD;
  }

  /** The first member from an index on whose name goes through here, or {@link #count}. */
  int nextBelow(int place, int from) {
    int[] below = nodes.get(place).below;
    int at = Arrays.binarySearch(below, from);
    int next = at < 0 ? -at - 1 : at;
    return next < below.length ? below[next] : count;
  }

  /** State of {@link JsonText#CANONICAL} here; DEAD where a name that is not listed can't go. */
  int text(int place) {
    return nodes.get(place).text;
  }
}
