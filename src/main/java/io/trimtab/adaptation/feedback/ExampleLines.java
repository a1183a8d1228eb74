package io.trimtab.adaptation.feedback;

import io.trimtab.store.LineName;
import io.trimtab.store.ObjectStore;
import java.util.List;
import java.util.Optional;

/**
 * Examples as lines of the store, one for each feedback id of each tenant: version 1 the example,
 * version 2 its retraction.
 */
record ExampleLines(ObjectStore store) {
  private static final String KIND = "examples";
  private static final long EXAMPLE = 1;
  private static final long RETRACTION = 2;

  static LineName line(String tenant, String feedbackId) {
    return LineName.of(KIND, tenant, feedbackId);
  }

  List<LineName> all() {
    return store.lines(KIND);
  }

  Optional<Example> example(LineName line) {
    return store
        .read(line, EXAMPLE)
        .flatMap(KeptJson::exampleOf)
        .filter(each -> line(each.adapter().tenant(), each.feedbackId()).equals(line));
  }

  /** Whether something is there, readable or not. */
  boolean isTaken(LineName line) {
    return store.latest(line) >= EXAMPLE;
  }

  Optional<ExampleState.Retracted> retraction(LineName line) {
    return store.read(line, RETRACTION).flatMap(KeptJson::retractionOf);
  }

  /** Writes an example; false when another was first. */
  boolean add(Example example) {
    return store.putIfAbsent(
        line(example.adapter().tenant(), example.feedbackId()), EXAMPLE, KeptJson.example(example));
  }

  /** Writes a retraction; false when another was first. */
  boolean retract(LineName line, ExampleState.Retracted retracted) {
    return store.putIfAbsent(line, RETRACTION, KeptJson.retraction(retracted));
  }

  void delete(LineName line) {
    store.deleteLine(line);
  }
}
