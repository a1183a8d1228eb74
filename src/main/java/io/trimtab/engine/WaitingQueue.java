package io.trimtab.engine;

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
  private final Map<String, Deque<Sequence>> byTenant = new LinkedHashMap<>();

  void add(Sequence sequence) {
    byTenant.computeIfAbsent(sequence.tenant(), tenant -> new ArrayDeque<>()).addLast(sequence);
  }

  boolean isEmpty() {
    return byTenant.isEmpty();
  }

  /**
   * The sequence whose turn it is among those that {@code admissible} lets through, still waiting.
   */
  @Nullable Sequence next(Predicate<Sequence> admissible) {
    for (Deque<Sequence> ofTenant : byTenant.values()) {
      Sequence first = ofTenant.getFirst();
      if (admissible.test(first)) {
        return first;
      }
    }
    return null;
  }

  /** Takes the first sequence of a tenant out, and the tenant's turn is over. */
  void take(Sequence sequence) {
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
    return removed;
  }
}
