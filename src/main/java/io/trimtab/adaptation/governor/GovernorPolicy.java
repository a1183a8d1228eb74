package io.trimtab.adaptation.governor;

import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.RevisionState;
import io.trimtab.drift.DriftLevel;
import io.trimtab.drift.DriftSignal;
import io.trimtab.drift.Served;
import io.trimtab.drift.WatchReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What follows from a signal: a pure function of the signal, the adapter as it is, and what was
 * done about it lately.
 *
 * <ul>
 *   <li>A signal below DRIFT is a warning; one about a revision or a scale that is not served any
 *       more is nothing.
 *   <li>What a person serves again after it was taken away or damped is left to that person.
 *   <li>A canary that drifts is withdrawn.
 *   <li>A revision far beyond its envelope, or that fails its probes, is quarantined.
 *   <li>Any other is damped as long as its scale allows, then rolled back.
 *   <li>Once {@code actionsMax} changes were made within the span, the next waits for its end,
 *       unless a person decides before.
 * </ul>
 */
public final class GovernorPolicy {
  /** The metric of a signal that comes from probes and not from live answers. */
  public static final String PROBES = "probes";

  private GovernorPolicy() {}

  /**
   * Decides.
   *
   * @param overruled as {@link Overruling#version} has it of the signal's revision
   * @param changes times of the governor's changes of this adapter
   */
  static Decision decide(
      DriftSignal signal,
      AdapterSnapshot now,
      OptionalLong overruled,
      List<Instant> changes,
      GovernorSettings settings,
      Instant time) {
    Optional<Revision> revision = served(signal.served(), now);
    if (revision.isEmpty()) {
      return new Decision(
          GovernorAction.NONE, signal.served().scale(), "it is not served by name any more");
    }
    float scale = revision.get().scale();
    switch (signal.level()) {
      case STABLE -> {
        return new Decision(GovernorAction.NONE, scale, "what was warned of has passed");
      }
      case WARNING -> {
        return new Decision(GovernorAction.WARN, scale, warning(signal));
      }
      case DRIFT -> {}
    }
    if (overruled.isPresent()) {
      return new Decision(
          GovernorAction.WARN,
          scale,
          "%s, and a person served it again with version %d, after it was taken away or damped: a person decides"
              .formatted(words(signal), overruled.getAsLong()));
    }
    if (lately(changes, settings, time) >= settings.actionsMax()) {
      return new Decision(
          GovernorAction.WARN,
          scale,
          "%s has left its envelope, and %d changes were made within %s already: left to a person until that is over"
              .formatted(signal.metric(), settings.actionsMax(), settings.within()));
    }
    if (revision.get().state() == RevisionState.CANARY) {
      return new Decision(GovernorAction.WITHDRAW, scale, "the canary drifts: " + words(signal));
    }
    if (signal.metric().equals(PROBES) || signal.excess() >= settings.severe()) {
      return new Decision(GovernorAction.QUARANTINE, scale, words(signal));
    }
    double damped = scale * settings.dampTo();
    return damped >= settings.scaleMin()
        ? new Decision(GovernorAction.DAMP, (float) damped, words(signal))
        : new Decision(
            GovernorAction.ROLLBACK,
            scale,
            "%s; at a scale of %s it is not damped any more".formatted(words(signal), scale));
  }

  /**
   * Whether a canary has shown enough to be served to all. Once {@code actionsMax} changes were
   * made within the span it waits for its end.
   *
   * @param changes times of the governor's changes of this adapter
   */
  public static Optional<Decision> promote(
      AdapterSnapshot now,
      WatchReport report,
      List<Instant> changes,
      GovernorSettings settings,
      Instant time) {
    boolean enough =
        settings.canaryAnswers() > 0
            && lately(changes, settings, time) < settings.actionsMax()
            && report.gathered() >= settings.canaryAnswers()
            && report.level() == DriftLevel.STABLE
            && served(report.served(), now)
                .filter(revision -> revision.state() == RevisionState.CANARY)
                .isPresent();
    return enough
        ? Optional.of(
            new Decision(
                GovernorAction.PROMOTE,
                report.served().scale(),
                "%d answers of the canary were read, and no warning stands"
                    .formatted(report.gathered())))
        : Optional.empty();
  }

  /**
   * Changes within the span, before or after: of a clock that was set back they lie ahead, and
   * those farther ahead than the span hold up nothing.
   */
  static long lately(List<Instant> changes, GovernorSettings settings, Instant time) {
    return changes.stream()
        .filter(each -> Duration.between(each, time).abs().compareTo(settings.within()) < 0)
        .count();
  }

  /** The revision, where it is served by name at the very scale. */
  static Optional<Revision> served(Served served, AdapterSnapshot now) {
    return now.revision(served.revision())
        .filter(each -> each.scale() == served.scale())
        .filter(GovernorPolicy::isServed);
  }

  /** Whether requests are served by it, all or some. */
  static boolean isServed(Revision revision) {
    return revision.state() == RevisionState.ACTIVE || revision.state() == RevisionState.CANARY;
  }

  private static String warning(DriftSignal signal) {
    return switch (signal.cause()) {
      case MODEL -> words(signal);
      case INPUTS -> "the inputs have changed, base does not know them either: " + words(signal);
      case UNKNOWN -> "no gate has seen this revision: " + words(signal);
    };
  }

  private static String words(DriftSignal signal) {
    return "%s: %s".formatted(signal.metric(), signal.detail());
  }
}
