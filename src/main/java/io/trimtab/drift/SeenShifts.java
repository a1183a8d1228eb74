package io.trimtab.drift;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the gate saw of a revision's shifts on one kind of question: part of its envelope.
 *
 * @param task of the questions
 * @param use what the questions were there for
 * @param words in how many of the questions each word stands, by its hash in hex ({@link
 *     QuestionWords}); of at most {@value #WORDS_MAX} words
 * @param answers measured
 * @param means of each quantity, by its key
 * @param deviations of each quantity, of the sample
 */
public record SeenShifts(
    String task,
    Use use,
    Map<String, Integer> words,
    int answers,
    Map<String, Double> means,
    Map<String, Double> deviations) {
  /** Words that are kept of a task; the rarer ones are as if they had not been heard. */
  public static final int WORDS_MAX = 512;

  /** What questions were there for. */
  public enum Use {
    /** The task that the revision was tuned on. */
    TAUGHT,
    /** One that it is to be kept from forgetting. */
    KEPT
  }

  public SeenShifts {
    words = Map.copyOf(words);
    means = Map.copyOf(means);
    deviations = Map.copyOf(deviations);
  }

  /** One measured answer, with the words of its question. */
  public record Seen(QuestionWords words, Shift shift) {}

  /** Of so many answers to questions of one task. */
  public static SeenShifts of(String task, Use use, List<Seen> seen, Quantities quantities) {
    Map<String, Integer> words = new TreeMap<>();
    for (Seen each : seen) {
      each.words().keys().forEach(key -> words.merge(Long.toHexString(key), 1, Integer::sum));
    }
    Map<String, Integer> kept =
        words.entrySet().stream()
            .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
            .limit(WORDS_MAX)
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    Map<String, Double> means = new TreeMap<>();
    Map<String, Double> deviations = new TreeMap<>();
    for (int i = 0; i < quantities.all().size(); i++) {
      int quantity = i;
      double mean = seen.stream().mapToDouble(s -> s.shift().value(quantity)).average().orElse(0);
      double squares =
          seen.stream().mapToDouble(s -> Math.pow(s.shift().value(quantity) - mean, 2)).sum();
      String key = quantities.all().get(i).key();
      means.put(key, mean);
      deviations.put(key, seen.size() < 2 ? 0 : Math.sqrt(squares / (seen.size() - 1)));
    }
    return new SeenShifts(task, use, kept, seen.size(), means, deviations);
  }
}
