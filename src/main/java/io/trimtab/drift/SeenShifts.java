package io.trimtab.drift;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What the gate saw of a revision's shifts on one kind of question: part of its envelope.
 *
 * @param task of the questions
 * @param use what the questions were there for
 * @param words {@link QuestionKey#ofWords} of the questions, hex; at most {@value #WORDS_MAX}
 * @param answers measured
 * @param means of each quantity, by its key
 * @param deviations of each quantity, of the sample
 */
public record SeenShifts(
    String task,
    Use use,
    Set<String> words,
    int answers,
    Map<String, Double> means,
    Map<String, Double> deviations) {
  /** Question texts that are kept of a task; the others are none's in particular. */
  public static final int WORDS_MAX = 256;

  /** What questions were there for. */
  public enum Use {
    /** The task that the revision was tuned on. */
    TAUGHT,
    /** One that it is to be kept from forgetting. */
    KEPT
  }

  public SeenShifts {
    words = Set.copyOf(words);
    means = Map.copyOf(means);
    deviations = Map.copyOf(deviations);
  }

  /** One measured answer, with the words of its question. */
  public record Seen(long words, Shift shift) {}

  /** Of so many answers to questions of one task. */
  public static SeenShifts of(String task, Use use, List<Seen> seen, Quantities quantities) {
    Set<String> words = new TreeSet<>();
    for (Seen each : seen) {
      if (words.size() < WORDS_MAX) {
        words.add(Long.toHexString(each.words()));
      }
    }
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
    return new SeenShifts(task, use, words, seen.size(), means, deviations);
  }

  /** The keys of {@link #words}. */
  Stream<Long> keys() {
    return words.stream().map(hex -> Long.parseUnsignedLong(hex, 16));
  }
}
