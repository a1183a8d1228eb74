package io.trimtab.adaptation.job;

import io.trimtab.adaptation.feedback.Example;
import java.util.List;
import java.util.stream.Stream;

/**
 * What each example of a job is for: to train on, to stop by, or to judge by. The first is seen by
 * the gradient, the second by the choice of the step, the third by the gate alone.
 *
 * <p>An example's place follows from the hash of its conversation, so that the same question is in
 * one part whatever its ids. With more examples the gate's share falls, so that an example goes
 * from the gate to training. It goes back only where the gate would have too few to judge by: then
 * it has the next ones in order. Each job trains from base, so no candidate is judged by what it
 * was trained on.
 */
public record ExampleSplit(List<Example> training, List<Example> validation, List<Example> gate) {
  /** The gate has this share of many examples, */
  private static final double GATE_SHARE = 0.15;

  /** and about so many of few, */
  private static final int GATE_LEAST = 20;

  /** up to this share. */
  private static final double GATE_SHARE_MAX = 0.4;

  private static final double VALIDATION_SHARE = 0.1;

  public ExampleSplit {
    training = List.copyOf(training);
    validation = List.copyOf(validation);
    gate = List.copyOf(gate);
  }

  /**
   * The split of these examples, whatever their order.
   *
   * @param gateMin different questions that the gate needs; it has them, and a quarter more for
   *     those that can't be asked, where there are twice as many in all
   */
  public static ExampleSplit of(List<Example> examples, int gateMin) {
    List<Placed> all = examples.stream().map(Placed::of).toList();
    double gateShare = gateShare(all, gateMin);
    return new ExampleSplit(
        between(all, gateShare + VALIDATION_SHARE, 1),
        between(all, gateShare, gateShare + VALIDATION_SHARE),
        between(all, 0, gateShare));
  }

  /** All of them. */
  List<Example> all() {
    return Stream.of(gate, validation, training).flatMap(List::stream).toList();
  }

  private record Placed(Example example, double place) {
    static Placed of(Example example) {
      return new Placed(example, ExamplePlace.of(example.conversation()));
    }
  }

  private static List<Example> between(List<Placed> all, double from, double to) {
    return all.stream()
        .filter(each -> each.place() >= from && each.place() < to)
        .map(Placed::example)
        .toList();
  }

  /** Places below this are the gate's: by chance alone, one job in three would have too few. */
  private static double gateShare(List<Placed> all, int gateMin) {
    double[] places = all.stream().mapToDouble(Placed::place).distinct().sorted().toArray();
    double share =
        Math.clamp((double) GATE_LEAST / Math.max(1, places.length), GATE_SHARE, GATE_SHARE_MAX);
    return places.length >= 2 * gateMin ? Math.max(share, places[gateMin + gateMin / 4]) : share;
  }
}
