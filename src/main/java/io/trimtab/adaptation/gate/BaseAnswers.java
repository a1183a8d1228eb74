package io.trimtab.adaptation.gate;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Base's answers by input, kept from one candidate to the next, since base does not change; the
 * least recently used goes first. Any thread; the lock guards the map.
 */
final class BaseAnswers {
  private final Map<String, BaseAnswer> answers = new LinkedHashMap<>(16, 0.75f, true);
  private final int max;

  BaseAnswers(int max) {
    this.max = max;
  }

  synchronized Optional<BaseAnswer> get(String input) {
    return Optional.ofNullable(answers.get(input));
  }

  synchronized void put(String input, BaseAnswer answer) {
    answers.put(input, answer);
    if (answers.size() > max) {
      answers.remove(answers.keySet().iterator().next());
    }
  }
}
