package io.trimtab.engine.scheduling;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Sequences that wait for a slot, round robin by tenant: a tenant with a thousand requests delays
 * another's first one by one. Within a tenant, first come first served. Owned by the step loop's
 * thread; its bound is kept at admission ({@link Admission}).
 */
final class WaitingQueue {
  /** Insertion order is the order of turns: a tenant that was served goes to the end. */
  private final Map<String, Deque<Sequence>> interactive = new LinkedHashMap<>();

  private final Map<String, Deque<Sequence>> background = new LinkedHashMap<>();

  /** In the order in which they are looked through. */
  private final List<Map<String, Deque<Sequence>>> turns = List.of(interactive, background);

  private Map<String, Deque<Sequence>> turnsOf(Sequence sequence) {
    return switch (sequence.ticket().priority()) {
      case INTERACTIVE -> interactive;
      case BACKGROUND -> background;
    };
  }

  void add(Sequence sequence) {
    turnsOf(sequence)
        .computeIfAbsent(sequence.tenant(), tenant -> new ArrayDeque<>())
        .addLast(sequence);
  }

  boolean isEmpty() {
    return turns.stream().allMatch(Map::isEmpty);
  }

  /**
   * The sequence whose turn it is among those that {@code admissible} lets through, still waiting:
   * interactive ones before all others.
   */
  @Nullable Sequence next(Predicate<Sequence> admissible) {
    for (Map<String, Deque<Sequence>> byTenant : turns) {
      for (Deque<Sequence> ofTenant : byTenant.values()) {
        Sequence first = ofTenant.getFirst();
        if (admissible.test(first)) {
          return first;
        }
      }
    }
    return null;
  }

  /** Takes the first sequence of a tenant out, and the tenant's turn is over. */
  void take(Sequence sequence) {
    Map<String, Deque<Sequence>> byTenant = turnsOf(sequence);
    Deque<Sequence> ofTenant = byTenant.remove(sequence.tenant());
    if (ofTenant == null || ofTenant.pollFirst() != sequence) {
      throw new IllegalStateException("Not the first of its tenant: " + sequence.requestId());
    }
    if (!ofTenant.isEmpty()) {
      byTenant.put(sequence.tenant(), ofTenant);
    }
  }

  /** Takes out every sequence that {@code gone} holds for. */
  List<Sequence> removeIf(Predicate<Sequence> gone) {
    List<Sequence> removed = new ArrayList<>();
    turns.forEach(byTenant -> removeIf(byTenant, gone, removed));
    return removed;
  }

  private static void removeIf(
      Map<String, Deque<Sequence>> byTenant, Predicate<Sequence> gone, List<Sequence> removed) {
    Iterator<Deque<Sequence>> tenants = byTenant.values().iterator();
    while (tenants.hasNext()) {
      Deque<Sequence> ofTenant = tenants.next();
      Iterator<Sequence> sequences = ofTenant.iterator();
      while (sequences.hasNext()) {
        Sequence sequence = sequences.next();
        if (gone.test(sequence)) {
          sequences.remove();
          removed.add(sequence);
        }
      }
      if (ofTenant.isEmpty()) {
        tenants.remove();
      }
    }
  }
}
