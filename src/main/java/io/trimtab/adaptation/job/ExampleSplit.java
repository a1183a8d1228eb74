package io.trimtab.adaptation.job;

import io.trimtab.adaptation.feedback.Example;
import io.trimtab.store.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What each example of a job is for: to train on, to stop by, or to judge by. The first is seen by
 * the gradient, the second by the choice of the step, the third by the gate alone.
 *
 * <p>An example's place follows from the hash of its id. With more examples the gate's share falls,
 * so that an example may go from the gate to training, but never back: what judges a candidate was
 * not trained on by any job before it either.
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

  public static ExampleSplit of(List<Example> examples) {
    double gateShare =
        Math.clamp((double) GATE_LEAST / Math.max(1, examples.size()), GATE_SHARE, GATE_SHARE_MAX);
    List<Example> training = new ArrayList<>();
    List<Example> validation = new ArrayList<>();
    List<Example> gate = new ArrayList<>();
    for (Example example : examples) {
      double place = place(example.feedbackId());
      if (place < gateShare) {
        gate.add(example);
      } else if (place < gateShare + VALIDATION_SHARE) {
        validation.add(example);
      } else {
        training.add(example);
      }
    }
    return new ExampleSplit(training, validation, gate);
  }

  /** An id's place in [0, 1), spread evenly. */
  static double place(String id) {
    byte[] hash = Sha256.start().digest(id.getBytes(StandardCharsets.UTF_8));
    long first = HexFormat.fromHexDigitsToLong(HexFormat.of().formatHex(hash, 0, 4));
    return first / (double) (1L << 32);
  }
}
