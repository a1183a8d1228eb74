package io.trimtab.adaptation.gate;

import java.util.LinkedHashMap;
import java.util.Optional;

/**
 * Base's answers by input, kept from one candidate to the next, since base does not change; the
 * least recently used goes first. Any thread; the lock guards the map.
 */
final class BaseAnswers {
  private final LinkedHashMap<String, BaseAnswer> answers = new LinkedHashMap<>(16, 0.75f, true);
  private final int max;
  private final long tokensMax;
  private long tokens;

  /**
   * @param max answers
   * @param tokensMax of all answers together; each has the 64 best of what could have come, half a
   *     kilobyte
   */
  BaseAnswers(int max, long tokensMax) {
    this.max = max;
    this.tokensMax = tokensMax;
  }

  synchronized Optional<BaseAnswer> get(String input) {
    return Optional.ofNullable(answers.get(input));
  }

  synchronized void put(String input, BaseAnswer answer) {
    BaseAnswer before = answers.put(input, answer);
    tokens += answer.rows().size() - (before == null ? 0 : before.rows().size());
    while (answers.size() > max || (tokens > tokensMax && answers.size() > 1)) {
      tokens -= answers.pollFirstEntry().getValue().rows().size();
    }
  }

  synchronized long tokens() {
    return tokens;
  }
}
