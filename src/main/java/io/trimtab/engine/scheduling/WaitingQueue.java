package io.trimtab.engine.scheduling;

import io.trimtab.engine.api.Priority;
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
 * What waits, for a slot or to be prepared, round robin by tenant: a tenant with a thousand
 * requests delays another's first one by one. Within a tenant, first come first served. One thread
 * at a time; its bound is kept at admission ({@link Admission}).
 */
final class WaitingQueue<T extends WaitingQueue.Waiting> {
  /** One that waits. */
  interface Waiting {
    String tenant();

    Priority priority();
  }

  /** Insertion order is the order of turns: a tenant that was served goes to the end. */
  private final Map<String, Deque<T>> interactive = new LinkedHashMap<>();

  private final Map<String, Deque<T>> background = new LinkedHashMap<>();

  /** In the order in which they are looked through. */
  private final List<Map<String, Deque<T>>> turns = List.of(interactive, background);

  private Map<String, Deque<T>> turnsOf(T one) {
    return switch (one.priority()) {
      case INTERACTIVE -> interactive;
      case BACKGROUND -> background;
    };
  }

  void add(T one) {
    turnsOf(one).computeIfAbsent(one.tenant(), tenant -> new ArrayDeque<>()).addLast(one);
  }

  boolean isEmpty() {
    return turns.stream().allMatch(Map::isEmpty);
  }

  /**
   * The one whose turn it is among those that {@code admissible} lets through, still waiting:
   * interactive ones before all others.
   */
  @Nullable T next(Predicate<T> admissible) {
    for (Map<String, Deque<T>> byTenant : turns) {
      for (Deque<T> ofTenant : byTenant.values()) {
        T first = ofTenant.getFirst();
        if (admissible.test(first)) {
          return first;
        }
      }
    }
    return null;
  }

  /** Takes the first of a tenant out, and the tenant's turn is over. */
  void take(T one) {
    Map<String, Deque<T>> byTenant = turnsOf(one);
    Deque<T> ofTenant = byTenant.remove(one.tenant());
    if (ofTenant == null || ofTenant.pollFirst() != one) {
      throw new IllegalStateException("Not the first of its tenant: " + one);
    }
    if (!ofTenant.isEmpty()) {
      byTenant.put(one.tenant(), ofTenant);
    }
  }

  /** Takes out all that {@code gone} holds for. */
  List<T> removeIf(Predicate<T> gone) {
    List<T> removed = new ArrayList<>();
    turns.forEach(byTenant -> removeIf(byTenant, gone, removed));
    return removed;
  }

  private void removeIf(Map<String, Deque<T>> byTenant, Predicate<T> gone, List<T> removed) {
    Iterator<Deque<T>> tenants = byTenant.values().iterator();
    while (tenants.hasNext()) {
      Deque<T> ofTenant = tenants.next();
      Iterator<T> waiting = ofTenant.iterator();
      while (waiting.hasNext()) {
        T one = waiting.next();
        if (gone.test(one)) {
          waiting.remove();
          removed.add(one);
        }
      }
      if (ofTenant.isEmpty()) {
        tenants.remove();
      }
    }
  }
}
