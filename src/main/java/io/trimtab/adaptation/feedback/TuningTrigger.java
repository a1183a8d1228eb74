package io.trimtab.adaptation.feedback;

import io.trimtab.adapter.AdapterId;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether an adapter is to be tuned now: a pure function of what is known about it.
 *
 * <ul>
 *   <li>A person is obeyed at once, where there is anything to train on.
 *   <li>A drift signal is answered where there are {@code examplesMin} usable examples.
 *   <li>{@code examples} new ones are enough once it has been quiet for a while.
 *   <li>{@code examplesMin} new ones are enough once the oldest has waited {@code ageMax}, quiet or
 *       not: a trickle that never stops is tuned on as well.
 * </ul>
 *
 * All but the person wait for the end of the cool-down after a refusal. A time more than an hour
 * ahead is that of a clock which has been set right since, and nothing is waited for from then.
 */
public final class TuningTrigger {
  /** Clocks of machines that share a store differ by less. */
  public static final Duration SKEW_MAX = Duration.ofHours(1);

  private TuningTrigger() {}

  /** A trigger that goes off by itself, and when it does. */
  private record Due(TriggerReason reason, Instant at) {}

  /** The decision at this moment. */
  public static Decision decide(TriggerState state, TriggerSettings settings, Instant now) {
    if (state.usable() == 0) {
      return new Decision.Wait(Optional.empty(), "no examples to train on");
    }
    if (state.asked().isPresent()) {
      return new Decision.Tune(TriggerReason.MANUAL, state.asked().get());
    }
    Optional<Instant> coolDownEnd =
        state.refused().map(last -> end(last, settings.coolDownAfter(state.refusals()), now));
    Optional<Due> first =
        due(state, settings, now)
            .map(due -> new Due(due.reason(), later(due.at(), coolDownEnd)))
            .min(Comparator.comparing(Due::at).thenComparing(Due::reason));
    if (first.isEmpty()) {
      return new Decision.Wait(
          Optional.empty(),
          "%d of %d new examples, tuned from %d on after %s"
              .formatted(
                  state.fresh(), settings.examples(), settings.examplesMin(), settings.ageMax()));
    }
    Due due = first.get();
    return due.at().isAfter(now)
        ? new Decision.Wait(Optional.of(due.at()), waitedFor(due, state, settings, coolDownEnd))
        : new Decision.Tune(due.reason(), due.at());
  }

  /** Those that are due, the longest first; by name where two are even. */
  public static List<DueAdapter> inOrder(Map<AdapterId, Decision> decisions) {
    return decisions.entrySet().stream()
        .flatMap(
            each ->
                each.getValue() instanceof Decision.Tune tune
                    ? Stream.of(new DueAdapter(each.getKey(), tune))
                    : Stream.empty())
        .sorted(
            Comparator.comparing((DueAdapter due) -> due.tune().since())
                .thenComparing(due -> due.adapter().toString()))
        .toList();
  }

  /** All that will go off if nothing else happens, cool-down aside. */
  private static Stream<Due> due(TriggerState state, TriggerSettings settings, Instant now) {
    Stream.Builder<Due> due = Stream.builder();
    if (state.usable() >= settings.examplesMin()) {
      state.drift().ifPresent(signal -> due.add(new Due(TriggerReason.DRIFT, signal)));
    }
    if (state.fresh() >= settings.examples()) {
      state
          .newestFresh()
          .ifPresent(
              newest ->
                  due.add(new Due(TriggerReason.EXAMPLES, end(newest, settings.quiet(), now))));
    }
    if (state.fresh() >= settings.examplesMin()) {
      state
          .oldestFresh()
          .ifPresent(
              oldest -> due.add(new Due(TriggerReason.AGE, end(oldest, settings.ageMax(), now))));
    }
    return due.build();
  }

  /** The end of a wait that began then. */
  private static Instant end(Instant begun, Duration wait, Instant now) {
    return begun.isAfter(now.plus(SKEW_MAX)) ? now : begun.plus(wait);
  }

  private static String waitedFor(
      Due due, TriggerState state, TriggerSettings settings, Optional<Instant> coolDownEnd) {
    if (coolDownEnd.filter(due.at()::equals).isPresent()) {
      return "the end of the pause after %d refusals".formatted(state.refusals());
    }
    return switch (due.reason()) {
      case EXAMPLES -> "%s without a new example".formatted(settings.quiet());
      case AGE, DRIFT, MANUAL ->
          "%d of %d new examples, or the oldest to wait %s"
              .formatted(state.fresh(), settings.examples(), settings.ageMax());
    };
  }

  private static Instant later(Instant time, Optional<Instant> other) {
    return other.filter(each -> each.isAfter(time)).orElse(time);
  }
}
