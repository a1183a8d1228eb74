package io.trimtab.adaptation.feedback;

import io.trimtab.adapter.AdapterId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The kept examples by adapter, without their texts. Only grows, but for what is deleted with its
 * adapter, and retractions stay; so it does not matter who tells it first. An id that was deleted
 * and given anew is told by the time it was received. Safe for use by many threads; one monitor.
 */
final class ExampleIndex {
  private final Map<AdapterId, Map<String, IndexedExample>> byAdapter = new HashMap<>();

  synchronized void add(IndexedExample example) {
    byAdapter
        .computeIfAbsent(example.adapter(), key -> new HashMap<>())
        .merge(
            example.feedbackId(),
            example,
            (known, told) ->
                known.retraction().isPresent() && known.received().equals(told.received())
                    ? known
                    : told);
  }

  /** One that was deleted; what took its id since stays. */
  synchronized void remove(IndexedExample example) {
    byAdapter.computeIfPresent(
        example.adapter(),
        (adapter, examples) -> {
          examples.remove(example.feedbackId(), example);
          return examples.isEmpty() ? null : examples;
        });
  }

  synchronized int count(AdapterId adapter) {
    return byAdapter.getOrDefault(adapter, Map.of()).size();
  }

  synchronized Set<AdapterId> adapters() {
    return Set.copyOf(byAdapter.keySet());
  }

  synchronized List<IndexedExample> all() {
    return byAdapter.values().stream().flatMap(each -> each.values().stream()).toList();
  }

  /** Oldest first. */
  synchronized List<IndexedExample> of(AdapterId adapter) {
    return byAdapter.getOrDefault(adapter, Map.of()).values().stream()
        .sorted(IndexedExample.OLDEST_FIRST)
        .toList();
  }

  /** Those to be trained on, oldest first: of each prediction the last correction that stands. */
  synchronized List<IndexedExample> usable(AdapterId adapter) {
    List<IndexedExample> usable = new ArrayList<>();
    Map<String, IndexedExample> last = lastByPrediction(adapter);
    for (IndexedExample each : of(adapter)) {
      if (each.corrects() && each.predictionId().map(id -> last.get(id) == each).orElse(true)) {
        usable.add(each);
      }
    }
    return usable;
  }

  /** What each is good for, oldest first. */
  synchronized Map<IndexedExample, ExampleState> states(AdapterId adapter) {
    Map<IndexedExample, ExampleState> states = new LinkedHashMap<>();
    Map<String, IndexedExample> last = lastByPrediction(adapter);
    for (IndexedExample each : of(adapter)) {
      states.put(each, state(each, last));
    }
    return states;
  }

  private static ExampleState state(IndexedExample example, Map<String, IndexedExample> last) {
    if (example.retraction().isPresent()) {
      return example.retraction().get();
    }
    return switch (example.content()) {
      case RATING_ALONE -> new ExampleState.RatingOnly();
      case CORRECTION -> {
        IndexedExample standing = example.predictionId().map(last::get).orElse(example);
        yield standing == example
            ? new ExampleState.Usable()
            : new ExampleState.Replaced(standing.feedbackId());
      }
    };
  }

  private Map<String, IndexedExample> lastByPrediction(AdapterId adapter) {
    Map<String, IndexedExample> last = new HashMap<>();
    of(adapter).stream()
        .filter(IndexedExample::corrects)
        .forEach(each -> each.predictionId().ifPresent(id -> last.put(id, each)));
    return last;
  }
}
