package io.trimtab.study.report;

import io.trimtab.adaptation.gate.GateLimits;
import io.trimtab.study.report.Signals.Signal;
import io.trimtab.study.report.Signals.Sorting;
import java.util.List;
import java.util.Locale;

/** The report's part on what can be seen without held-out data, and on the gate's limits. */
final class SignalSections {
  /** Fewer stages of one kind say nothing about a limit. */
  private static final int STAGES_MIN = 5;

  /** A limit is as good as the best where its J is within this. */
  private static final double AS_GOOD = 0.1;

  private final List<Sequence> sequences;
  private final Signals signals;

  SignalSections(List<Sequence> sequences) {
    this.sequences = List.copyOf(sequences);
    this.signals = new Signals(sequences);
  }

  String correlations() {
    MarkdownTable table =
        new MarkdownTable("of", "with", "Spearman's correlation", "the paper's line", "verdict");
    line(table, Signal.KL, Signal.LOSS, "forgetting follows KL(base‖tuned) on the new inputs");
    line(table, Signal.BIAS_MEAN, Signal.LOSS, "the counting bias rises with forgetting");
    line(table, Signal.BIAS_MAX, Signal.LOSS, "the counting bias rises with forgetting");
    line(table, Signal.KL, Signal.BIAS_MEAN, "");
    return "%d stages of %d sequences, those left out that were not taken.\n\n"
            .formatted(signals.stages().size(), sequences.size())
        + table;
  }

  private void line(MarkdownTable table, Signal one, Signal other, String paper) {
    Estimate estimate = signals.correlation(one, other);
    table.row(
        one.toString(),
        other.toString(),
        estimate.exists() ? estimate.text(2) : "too few stages",
        paper,
        paper.isEmpty() ? "" : verdict(estimate));
  }

  private static String verdict(Estimate estimate) {
    return estimate.exists() && !estimate.bounded()
        ? "too few sequences for an interval"
        : Verdict.above(estimate, 0).toString();
  }

  String recovery() {
    Recovery.Counts counts = Recovery.of(sequences);
    if (counts.steps() == 0) {
      return "No stage that another followed had lost more than %.0f points.\n\n"
          .formatted(Recovery.LOST);
    }
    return ("After %d of %d stages that had lost more than %.0f points, tuning the next skill left"
            + " held-out accuracy higher than it was; for %d of them beyond chance (McNemar's exact"
            + " test, 5 %% over all of them together). The paper: what is lost partly recovers when"
            + " the next skill is tuned: %s.\n\n")
        .formatted(
            counts.risen(),
            counts.steps(),
            Recovery.LOST,
            counts.surely(),
            counts.surely() > 0 ? Verdict.REPEATED : "not shown here");
  }

  /** What the gate's limits would have said of the stages. */
  String limits() {
    GateLimits limits = GateLimits.defaults();
    double allowed = 100 * limits.dropMax();
    int lost = (int) signals.stages().stream().filter(each -> each.heldOutLoss() > allowed).count();
    int kept = signals.stages().size() - lost;
    if (Math.min(lost, kept) < STAGES_MIN) {
      return ("%d stages lost more than the %.0f points that the gate allows, %d did not: too few of"
              + " one kind to say anything about its limits.\n\n")
          .formatted(lost, allowed, kept);
    }
    return "%d stages lost more than the %.0f points that the gate allows, %d did not.\n\n"
            .formatted(lost, allowed, kept)
        + limit("`kl_advised`", Signal.KL, limits.klAdvised(), allowed, "nats")
        + limit("`bias_max`, laid on captions", Signal.BIAS_MAX, limits.biasMax(), allowed, "")
        + "The gate's own limits on probes (`drop_max`, `task_drop_max`) ask held-out questions and"
        + " are not judged here: those are what the stages are sorted by.\n\n";
  }

  private String limit(String name, Signal signal, double limit, double allowed, String unit) {
    Sorting here = signals.sorting(signal, limit, allowed);
    Sorting best = signals.best(signal, allowed);
    String follows =
        best.youden() < 0.3
            ? "No limit on it sorts these stages well: it may be remarked on, not refused by."
            : best.youden() - here.youden() <= AS_GOOD
                ? "The limit may stay."
                : "A limit near %s would sort them better."
                    .formatted(RecipeSections.figure(best.limit()));
    return String.format(
            Locale.ROOT,
            "- %s, on %s, is %s: above it %d of %d stages lost too much, below it %d of %d (J %.2f)."
                + " Best of all limits: %s, %d of %d above and %d of %d below (J %.2f, chosen after the"
                + " fact and so flattered). %s%n",
            name,
            signal,
            (RecipeSections.figure(limit) + " " + unit).strip(),
            here.aboveLost(),
            here.above(),
            here.belowLost(),
            here.below(),
            here.youden(),
            RecipeSections.figure(best.limit()),
            best.aboveLost(),
            best.above(),
            best.belowLost(),
            best.below(),
            best.youden(),
            follows)
        + "\n";
  }
}
