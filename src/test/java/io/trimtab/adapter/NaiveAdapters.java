package io.trimtab.adapter;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Adapters told anew, as plainly as possible: each revision has the state that it rests in, and
 * whether it is active or a canary is said elsewhere. Calls return false where they are refused.
 */
final class NaiveAdapters {
  /** One name. */
  static final class Adapter {
    final TreeMap<Integer, RevisionState> resting = new TreeMap<>();
    final Map<Integer, Float> scales = new HashMap<>();
    final Map<Integer, String> weights = new HashMap<>();
    final List<Integer> history = new ArrayList<>();
    int active;
    int canary;
    int percent;
    int last;
    long version;
    boolean present;

    RevisionState state(int number) {
      if (number == active) {
        return RevisionState.ACTIVE;
      }
      return number == canary
          ? RevisionState.CANARY
          : resting.getOrDefault(number, RevisionState.STAGED);
    }

    private boolean rests(int number) {
      return number != 0
          && !List.of(RevisionState.REJECTED, RevisionState.QUARANTINED)
              .contains(resting.get(number))
          && resting.containsKey(number);
    }

    private void back(RevisionState left) {
      int from = active;
      resting.put(from, left);
      resting.remove(0);
      active = 0;
      while (!history.isEmpty()) {
        int candidate = history.removeLast();
        if (candidate != from && (candidate == 0 || rests(candidate))) {
          active = candidate;
          break;
        }
      }
      noCanary();
    }

    private void noCanary() {
      canary = 0;
      percent = 0;
    }
  }

  final Map<AdapterId, Adapter> all = new HashMap<>();

  Adapter of(AdapterId id) {
    return all.computeIfAbsent(id, key -> new Adapter());
  }

  void create(AdapterId id) {
    Adapter adapter = of(id);
    if (!adapter.present) {
      adapter.present = true;
      adapter.version++;
    }
  }

  boolean add(AdapterId id, RevisionState state, String weights, int revisionsMax) {
    Adapter adapter = of(id);
    if (adapter.resting.size() >= revisionsMax) {
      return false;
    }
    adapter.present = true;
    adapter.version++;
    adapter.last++;
    adapter.resting.put(adapter.last, state);
    adapter.scales.put(adapter.last, 1f);
    adapter.weights.put(adapter.last, weights);
    return true;
  }

  boolean activate(AdapterId id, int number, int percent, boolean force) {
    Adapter adapter = of(id);
    boolean known = number == 0 || adapter.resting.containsKey(number);
    boolean running = number == adapter.active || number == adapter.canary;
    if (!adapter.present || !known || !(number == 0 || running || force || adapter.rests(number))) {
      return false;
    }
    if (percent % 100 != 0) {
      if (number == adapter.active) {
        return false;
      }
      if (number != adapter.canary || percent != adapter.percent) {
        adapter.canary = number;
        adapter.percent = percent;
        adapter.version++;
      }
      return true;
    }
    if (number != adapter.active) {
      if (adapter.active != 0) {
        adapter.resting.put(adapter.active, RevisionState.RETIRED);
      }
      adapter.history.add(adapter.active);
      adapter.active = number;
    } else if (adapter.canary == 0) {
      return true;
    }
    adapter.noCanary();
    adapter.version++;
    return true;
  }

  boolean rollback(AdapterId id) {
    Adapter adapter = of(id);
    boolean canGo = adapter.active != 0 || adapter.history.stream().anyMatch(adapter::rests);
    if (!adapter.present || (!canGo && adapter.canary == 0)) {
      return false;
    }
    adapter.version++;
    if (canGo) {
      adapter.back(RevisionState.RETIRED);
    } else {
      adapter.noCanary();
    }
    return true;
  }

  boolean scale(AdapterId id, int number, float scale) {
    Adapter adapter = of(id);
    int which = number == 0 ? adapter.active : number;
    if (!adapter.resting.containsKey(which)) {
      return false;
    }
    if (adapter.scales.put(which, scale) != scale) {
      adapter.version++;
    }
    return true;
  }

  boolean quarantine(AdapterId id, int number) {
    Adapter adapter = of(id);
    if (!adapter.resting.containsKey(number)) {
      return false;
    }
    switch (adapter.state(number)) {
      case ACTIVE -> adapter.back(RevisionState.QUARANTINED);
      case CANARY -> {
        adapter.noCanary();
        adapter.resting.put(number, RevisionState.QUARANTINED);
      }
      case STAGED, RETIRED -> adapter.resting.put(number, RevisionState.QUARANTINED);
      case QUARANTINED -> adapter.version--;
      case REJECTED -> {
        return false;
      }
    }
    adapter.version++;
    return true;
  }

  boolean delete(AdapterId id, int number) {
    Adapter adapter = of(id);
    boolean served = number == adapter.active || number == adapter.canary;
    if (!adapter.present || (number != 0 && (served || !adapter.resting.containsKey(number)))) {
      return false;
    }
    adapter.version++;
    if (number == 0) {
      adapter.present = false;
      adapter.active = 0;
      adapter.noCanary();
      adapter.resting.clear();
      adapter.history.clear();
    } else {
      adapter.resting.remove(number);
      adapter.history.removeIf(each -> each == number);
    }
    return true;
  }

  /** Contents that some revision still names. */
  Set<String> weights() {
    Set<String> named = new TreeSet<>();
    all.values()
        .forEach(each -> each.resting.keySet().forEach(n -> named.add(each.weights.get(n))));
    return named;
  }
}
