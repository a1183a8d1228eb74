package io.trimtab.drift;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a revision may do on live traffic, by kind of question: what the gate saw of it, with the
 * uncertainty of that. So what alarms is leaving the envelope, not having learned, and a change of
 * the mix of questions is no change of the model.
 *
 * <p>A question in the words of one of the gate's tasks ({@link QuestionKinds}) is held against
 * that; any other one against the most that any task may do.
 *
 * <p>The bound of a quantity is the upper end of Wilson's interval (which for numbers within 0 to 1
 * is wider than their own) at {@value #Z} standard errors, about 99 %, of its mean there, plus
 * {@value #SLACK}, which nobody would call a change. Few probes of a task say little, so {@value
 * #BORROWED} answers' worth of the mean over all kept tasks is added to each. Immutable.
 *
 * <p>There is one for each revision under watch, so it holds numbers alone: two for each quantity
 * and kind of question, and the questions' words.
 */
public final class Reference {
  private static final double Z = 2.33;
  private static final double SLACK = 0.02;
  private static final int BORROWED = 60;
  private static final double BOUND_MAX = 0.98;

  /**
   * What a model that no gate has seen may do beside base: a mass within 10 points, any other
   * quantity within 30. It was made to do something, and nothing says what.
   */
  private static final double UNSEEN_BIAS = 0.1;

  private static final double UNSEEN_OTHER = 0.3;

  private final Origin origin;
  private final QuestionKinds kinds;
  private final int quantities;

  // By row and quantity: a row for each of the gate's tasks, the last for all other questions.
  private final double[] deviations;
  private final double[] bounds;

  /** What may be expected of one kind of question. */
  public final class Kind {
    private final int row;

    private Kind(int row) {
      this.row = row;
    }

    public Stratum stratum() {
      return row == kinds.tasks()
          ? Stratum.OTHER
          : switch (kinds.use(row)) {
            case TAUGHT -> Stratum.TAUGHT;
            case KEPT -> Stratum.KEPT;
          };
    }

    public Expected expected(int quantity) {
      int cell = row * quantities + quantity;
      return new Expected(deviations[cell], bounds[cell]);
    }
  }

  /** Where a reference comes from. */
  public enum Origin {
    /** The gate has seen the revision. */
    ENVELOPE,
    /** No gate has: it is held against base, and leaving it is a warning at most. */
    BASE
  }

  private Reference(
      Origin origin, QuestionKinds kinds, int quantities, double[] deviations, double[] bounds) {
    this.origin = origin;
    this.kinds = kinds;
    this.quantities = quantities;
    this.deviations = deviations;
    this.bounds = bounds;
  }

  /** Of a row of what is expected for each kind of question. */
  private static Reference of(Origin origin, QuestionKinds kinds, List<Expected[]> rows) {
    List<Expected> cells = rows.stream().flatMap(Arrays::stream).toList();
    return new Reference(
        origin,
        kinds,
        rows.getFirst().length,
        cells.stream().mapToDouble(Expected::deviation).toArray(),
        cells.stream().mapToDouble(Expected::bound).toArray());
  }

  /** From what the gate saw; a quantity that it did not measure then is held to nothing. */
  public static Reference of(List<SeenShifts> seen, Quantities quantities) {
    if (seen.isEmpty()) {
      return ofBase(quantities);
    }
    List<Quantity> all = quantities.all();
    double[] kept = new double[all.size()];
    int answers = 0;
    for (SeenShifts task : seen) {
      if (task.use() == SeenShifts.Use.KEPT) {
        answers += task.answers();
        for (int i = 0; i < kept.length; i++) {
          kept[i] += task.answers() * mean(task, all.get(i)).orElse(0.0);
        }
      }
    }
    List<Expected[]> rows = new ArrayList<>();
    for (SeenShifts task : seen) {
      Expected[] expected = new Expected[all.size()];
      for (int i = 0; i < expected.length; i++) {
        double pool = answers == 0 ? 0 : kept[i] / answers;
        int borrowed = task.use() == SeenShifts.Use.KEPT && answers > 0 ? BORROWED : 0;
        expected[i] = expected(task, all.get(i), pool, borrowed);
      }
      rows.add(expected);
    }
    rows.add(widest(rows));
    return of(Origin.ENVELOPE, new QuestionKinds(seen.stream().map(TaskWords::of).toList()), rows);
  }

  /** For a revision that no gate has seen. */
  public static Reference ofBase(Quantities quantities) {
    Expected[] expected = new Expected[quantities.all().size()];
    for (int i = 0; i < expected.length; i++) {
      boolean bias = quantities.all().get(i).name().endsWith("_bias");
      double bound = i == quantities.control() ? BOUND_MAX : bias ? UNSEEN_BIAS : UNSEEN_OTHER;
      expected[i] = new Expected(bound, bound);
    }
    return of(Origin.BASE, new QuestionKinds(List.of()), List.<Expected[]>of(expected));
  }

  /** The same with words that others may hold as well. */
  Reference sharing(SharedWords words) {
    return new Reference(origin, kinds.sharing(words), quantities, deviations, bounds);
  }

  public Origin origin() {
    return origin;
  }

  /** What kind of question it is by its words. */
  public Kind kind(QuestionWords words) {
    return new Kind(kinds.of(words).orElse(kinds.tasks()));
  }

  private static Expected expected(SeenShifts task, Quantity quantity, double pool, int borrowed) {
    Optional<Double> seen = mean(task, quantity);
    if (seen.isEmpty()) {
      return new Expected(1, BOUND_MAX);
    }
    double answers = task.answers() + borrowed;
    double mean = Math.clamp((task.answers() * seen.get() + borrowed * pool) / answers, 0, 1);
    double deviation = task.deviations().getOrDefault(quantity.key(), 0.0);
    return new Expected(deviation, Math.min(BOUND_MAX, wilson(mean, answers) + SLACK));
  }

  private static Optional<Double> mean(SeenShifts task, Quantity quantity) {
    return Optional.ofNullable(task.means().get(quantity.key()));
  }

  /** Wilson, Journal of the American Statistical Association 22, 1927. */
  private static double wilson(double share, double of) {
    double centre = (share + Z * Z / (2 * of)) / (1 + Z * Z / of);
    double margin =
        Z / (1 + Z * Z / of) * Math.sqrt(share * (1 - share) / of + Z * Z / (4 * of * of));
    return centre + margin;
  }

  private static Expected[] widest(List<Expected[]> rows) {
    Expected[] widest = rows.getFirst().clone();
    for (Expected[] row : rows) {
      for (int i = 0; i < widest.length; i++) {
        widest[i] = row[i].bound() > widest[i].bound() ? row[i] : widest[i];
      }
    }
    return widest;
  }
}
