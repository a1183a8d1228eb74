package io.trimtab.engine.constraint;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
    private final Map<Integer, Integer> children = new HashMap<>();
    private final BitSet below = new BitSet();
    private final int text;
    private int member = NONE;

    private Node(int text) {
      this.text = text;
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
    int at = ROOT;
    nodes.get(ROOT).below.set(member);
    for (byte signed : spelled.getBytes(StandardCharsets.UTF_8)) {
      int octet = signed & 0xFF;
      Node node = nodes.get(at);
      Integer child = node.children.get(octet);
      if (child == null) {
        int text =
            node.text == JsonText.DEAD ? JsonText.DEAD : JsonText.CANONICAL.next(node.text, octet);
        child = nodes.size();
        nodes.add(new Node(text));
        node.children.put(octet, child);
      }
      at = child;
      nodes.get(at).below.set(member);
    }
    nodes.get(at).member = member;
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
    return nodes.get(place).children.getOrDefault(octet, NONE);
  }

  /** The member whose name is complete here, or {@link #NONE}. */
  int member(int place) {
    return nodes.get(place).member;
  }

  /** Whether a quote ends a name here; after a backslash it is a part of it. */
  boolean mayEnd(int place) {
    return nodes.get(place).text == JsonText.BASE || nodes.get(place).text == JsonText.DEAD;
  }

  /** Members whose names go through here. */
  BitSet below(int place) {
    return nodes.get(place).below;
  }

  /** State of {@link JsonText#CANONICAL} here; DEAD where a name that is not listed can't go. */
  int text(int place) {
    return nodes.get(place).text;
  }
}
