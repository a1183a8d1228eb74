package io.trimtab.drift;

import io.trimtab.drift.DriftSignal.Cause;
import io.trimtab.drift.Reference.Origin;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * One served revision under watch: two detectors for each quantity and kind of question, held
 * against the revision's reference. {@link EDetector} alone says DRIFT, once and for as long as
 * this revision is served at this scale; {@link PageDetector} warns and takes it back.
 *
 * <p>The stated average run length is that of the revision: each of n detectors has n times as long
 * a one. The control, {@code prompt_surprise}, never alarms: while its Page's sum, the quicker of
 * the two, stands at its threshold, and until it is back at half of it, the inputs have changed,
 * and what else is seen is a warning. No evidence is gathered then, and when that is over the
 * detectors begin anew, since what came of the inputs says nothing of the model. Whether an answer
 * counts rests on earlier ones alone, so the run length holds.
 *
 * <p>The same question over and over is one piece of evidence: what is among the latest {@value
 * #INPUTS} is left out. One thread.
 */
final class RevisionWatch {
  private static final int INPUTS = 64;
  private static final int STRATA = Stratum.values().length;

  /** Weight of the newest answer in the recent mean. */
  private static final double RECENCY = 0.1;

  /**
   * The control's sum goes no further beyond its threshold, in thresholds: lest a long change of
   * the inputs counts as one long after it is over.
   */
  private static final double CONTROL_MAX = 2;

  /** A warning stands until its sum is back at this share of its threshold. */
  private static final double STANDING = 0.5;

  private final Served served;
  private final Quantities quantities;
  private final Reference reference;
  private final WatchSettings settings;
  private final double threshold;
  private final double warning;

  // By kind of question and quantity: see cell().
  private final double[] evidence;
  private final double[] page;
  private final double[] recent;

  // By quantity.
  private final double[] base;
  private final double[] tuned;
  private final DriftLevel[] levels;
  private final long[] inputs = new long[INPUTS];
  private long answers;
  private long gathered;
  private long tokens;
  private long repeated;

  RevisionWatch(Served served, Quantities quantities, Reference reference, WatchSettings settings) {
    int count = quantities.all().size();
    this.served = served;
    this.quantities = quantities;
    this.reference = reference;
    this.settings = settings;
    int cells = STRATA * count;
    this.threshold = settings.averageRunLength() * STRATA * (count - 1);
    this.warning = PageDetector.threshold(threshold);
    this.evidence = new double[cells * EDetector.STATE];
    this.page = new double[cells];
    this.recent = new double[cells];
    this.base = new double[count];
    this.tuned = new double[count];
    this.levels = new DriftLevel[count];
    Arrays.fill(levels, DriftLevel.STABLE);
  }

  /**
   * Takes one answer in.
   *
   * @return changes of level that follow from it, most often none
   */
  List<DriftSignal> observe(Shift shift, QuestionWords words, long input, Instant time) {
    if (wasJustSeen(input)) {
      repeated++;
      return List.of();
    }
    answers++;
    tokens += shift.places();
    Reference.Kind kind = reference.kind(words);
    int control = quantities.control();
    boolean changed = inputsHaveChanged();
    gathered = changed ? 0 : gathered + 1;
    for (int i = 0; i < base.length; i++) {
      Expected expected = kind.expected(i);
      double x = shift.value(i);
      int cell = cell(kind.stratum(), i);
      if (i == control || !changed) {
        EDetector.update(evidence, cell * EDetector.STATE, x, expected.bound());
      }
      double sum = PageDetector.update(page[cell], x, expected);
      page[cell] = i == control ? Math.min(CONTROL_MAX * warning, sum) : sum;
      recent[cell] += RECENCY * (x - expected.bound() - recent[cell]);
      base[i] += shift.base()[i];
      tuned[i] += shift.tuned()[i];
    }
    if (changed) {
      calm(kind.stratum());
      if (!inputsHaveChanged()) {
        forget();
      }
    }
    return answers < settings.warmUp() ? List.of() : signals(time);
  }

  private boolean inputsHaveChanged() {
    return warns(quantities.control());
  }

  /**
   * What the control says of kinds of questions other than that of the answer goes back as with an
   * answer at its bound: where nobody asks any such more, it would stand for good.
   */
  private void calm(Stratum asked) {
    for (Stratum other : Stratum.values()) {
      if (other != asked) {
        int cell = cell(other, quantities.control());
        page[cell] = Math.max(0, page[cell] - PageDetector.ALLOWANCE);
      }
    }
  }

  /**
   * All but the control's sums: what they rest on came of the inputs, wholly or in part. What has
   * drifted stays so, and with it what showed that.
   */
  private void forget() {
    for (int cell = 0; cell < page.length; cell++) {
      int quantity = cell % base.length;
      if (levels[quantity] == DriftLevel.DRIFT) {
        continue;
      }
      int from = cell * EDetector.STATE;
      Arrays.fill(evidence, from, from + EDetector.STATE, 0);
      if (quantity != quantities.control()) {
        page[cell] = 0;
      }
    }
  }

  private int cell(Stratum stratum, int quantity) {
    return stratum.ordinal() * base.length + quantity;
  }

  /** The kind of question that says most against a quantity. */
  private int worst(int quantity) {
    int worst = quantity;
    for (int cell = quantity; cell < page.length; cell += base.length) {
      worst =
          evidence(cell) > evidence(worst)
                  || (evidence(cell) == evidence(worst) && page[cell] > page[worst])
              ? cell
              : worst;
    }
    return worst;
  }

  private boolean wasJustSeen(long input) {
    for (long seen : inputs) {
      if (seen == input) {
        return true;
      }
    }
    inputs[(int) (answers % INPUTS)] = input;
    return false;
  }

  private List<DriftSignal> signals(Instant time) {
    List<DriftSignal> signals = new ArrayList<>();
    int control = quantities.control();
    move(control, inputsHaveChanged() ? DriftLevel.WARNING : DriftLevel.STABLE, time, signals);
    for (int i = 0; i < control; i++) {
      if (levels[i] != DriftLevel.DRIFT) {
        move(i, level(i), time, signals);
      }
    }
    return signals;
  }

  private DriftLevel level(int quantity) {
    if (evidenceOf(quantity) >= threshold) {
      return cause() == Cause.MODEL ? DriftLevel.DRIFT : DriftLevel.WARNING;
    }
    return warns(quantity) ? DriftLevel.WARNING : DriftLevel.STABLE;
  }

  /** A sum that hovers at its threshold warns once, and not with every other answer. */
  private boolean warns(int quantity) {
    boolean warned = levels[quantity] == DriftLevel.WARNING;
    return pageOf(quantity) >= (warned ? STANDING * warning : warning);
  }

  private Cause cause() {
    if (reference.origin() == Origin.BASE) {
      return Cause.UNKNOWN;
    }
    return inputsHaveChanged() ? Cause.INPUTS : Cause.MODEL;
  }

  private void move(int quantity, DriftLevel next, Instant time, List<DriftSignal> signals) {
    if (levels[quantity] == next) {
      return;
    }
    levels[quantity] = next;
    boolean isControl = quantity == quantities.control();
    boolean byEvidence = !isControl && evidenceOf(quantity) >= threshold;
    Cause cause = isControl ? Cause.INPUTS : cause();
    int worst = worst(quantity);
    signals.add(
        new DriftSignal(
            time,
            served,
            quantities.all().get(quantity).key(),
            next,
            byEvidence ? evidence(worst) : pageOf(quantity),
            byEvidence ? threshold : warning,
            recent[worst],
            cause,
            answers,
            String.format(
                Locale.ROOT,
                "base %.3f, tuned %.3f on average of %d answers read; lately %.3f above what the %s"
                    + " allows on %s",
                base[quantity] / answers,
                tuned[quantity] / answers,
                answers,
                recent[worst],
                reference.origin() == Origin.BASE ? "distance from base" : "envelope",
                switch (Stratum.values()[worst / base.length]) {
                  case TAUGHT -> "what it was taught";
                  case KEPT -> "what it was to keep";
                  case OTHER -> "other questions";
                })));
  }

  private double evidenceOf(int quantity) {
    return evidence(worst(quantity));
  }

  private double pageOf(int quantity) {
    double most = 0;
    for (int cell = quantity; cell < page.length; cell += base.length) {
      most = Math.max(most, page[cell]);
    }
    return most;
  }

  private double evidence(int cell) {
    return EDetector.statistic(evidence, cell * EDetector.STATE);
  }

  /** How it stands now. */
  WatchReport report() {
    List<WatchReport.Metric> metrics = new ArrayList<>();
    DriftLevel worst = DriftLevel.STABLE;
    for (int i = 0; i < base.length; i++) {
      boolean any = answers > 0;
      metrics.add(
          new WatchReport.Metric(
              quantities.all().get(i).key(),
              any ? base[i] / answers : 0,
              any ? tuned[i] / answers : 0,
              evidenceOf(i),
              threshold,
              pageOf(i),
              warning,
              recent[worst(i)],
              levels[i]));
      worst = levels[i].compareTo(worst) > 0 ? levels[i] : worst;
    }
    return new WatchReport(
        served, worst, reference.origin(), answers, gathered, tokens, repeated, metrics);
  }

  WatchState state() {
    return new WatchState(
        keys(),
        answers,
        gathered,
        tokens,
        repeated,
        evidence.clone(),
        page.clone(),
        recent.clone(),
        base.clone(),
        tuned.clone(),
        Arrays.stream(levels).mapToInt(DriftLevel::ordinal).toArray(),
        inputs.clone());
  }

  /** Goes on from a state; one of other quantities is left alone, and the watch begins anew. */
  void restore(WatchState state) {
    if (!Arrays.equals(state.keys(), keys())
        || state.inputs().length != INPUTS
        || state.evidence().length != evidence.length) {
      return;
    }
    answers = state.answers();
    gathered = state.gathered();
    tokens = state.tokens();
    repeated = state.repeated();
    System.arraycopy(state.evidence(), 0, evidence, 0, evidence.length);
    System.arraycopy(state.page(), 0, page, 0, page.length);
    System.arraycopy(state.recent(), 0, recent, 0, recent.length);
    System.arraycopy(state.base(), 0, base, 0, base.length);
    System.arraycopy(state.tuned(), 0, tuned, 0, tuned.length);
    System.arraycopy(state.inputs(), 0, inputs, 0, INPUTS);
    for (int i = 0; i < levels.length; i++) {
      levels[i] = DriftLevel.values()[state.levels()[i]];
    }
  }

  private String[] keys() {
    return quantities.all().stream().map(Quantity::key).toArray(String[]::new);
  }
}
