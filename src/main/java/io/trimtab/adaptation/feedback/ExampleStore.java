package io.trimtab.adaptation.feedback;

import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.LineName;
import io.trimtab.store.ObjectStore;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The examples of all tenants: what comes in is joined with what it is about, written to the store
 * and never changed; a retraction is a second version. Texts stay on disk, an index of them is in
 * memory. Several stores, in any processes, may share an object store: {@link #accept} sees what
 * the others wrote of the same id, all else after {@link #refresh}.
 *
 * <p>Times are this server's, but for what comes after a deletion whose clock is ahead. Safe for
 * use by many threads; calls wait for the disk.
 */
public final class ExampleStore implements FeedbackIntake {
  private final ExampleLines lines;
  private final AdapterRegistry registry;
  private final FeedbackLimits limits;
  private final Clock clock;
  private final FeedbackCheck check;
  private final ExampleMaker maker;
  private final ExampleIndex index = new ExampleIndex();
  private final Set<LineName> indexed = ConcurrentHashMap.newKeySet();
  private final Set<LineName> unreadable = ConcurrentHashMap.newKeySet();

  private ExampleStore(
      ExampleLines lines,
      AdapterRegistry registry,
      FeedbackLimits limits,
      Clock clock,
      ExampleMaker maker) {
    this.lines = lines;
    this.registry = registry;
    this.limits = limits;
    this.clock = clock;
    this.check = new FeedbackCheck(limits);
    this.maker = maker;
  }

  /** Reads the index of what is kept. What can't be read is logged and left out. */
  public static ExampleStore open(
      ObjectStore store,
      AdapterRegistry registry,
      TenantPictures pictures,
      Predictions predictions,
      FeedbackLimits limits,
      Clock clock) {
    ExampleStore examples =
        new ExampleStore(
            new ExampleLines(store),
            registry,
            limits,
            clock,
            new ExampleMaker(pictures, predictions, new FeedbackCheck(limits), clock));
    examples.refresh();
    return examples;
  }

  @Override
  public FeedbackOutcome accept(Feedback feedback) {
    try {
      check.checkId("feedback_id", feedback.id());
      // Before all else: told again, it is known even if its prediction has expired since.
      LineName line = ExampleLines.line(feedback.adapter().tenant(), feedback.id());
      if (lines.isTaken(line)) {
        return compared(line, feedback);
      }
      Optional<FeedbackOutcome> useless = FeedbackRefusals.unlessUseful(check, feedback);
      if (useless.isPresent()) {
        return useless.get();
      }
      requireRoom(feedback.adapter());
      Example made = maker.example(feedback);
      registry.create(feedback.adapter());
      // After it, lest a deletion that came between takes the example of the adapter made anew.
      Example example = made.receivedAt(received(feedback.adapter()));
      if (!lines.add(example)) {
        return compared(line, feedback);
      }
      put(line, example);
      return new FeedbackOutcome.Kept(example);
    } catch (TrimtabException e) {
      return FeedbackRefusals.refused(e);
    }
  }

  /** What an adapter is to be trained on: the last correction of each prediction, oldest first. */
  public List<Example> usable(AdapterId adapter) {
    return index.usable(adapter).stream()
        .flatMap(each -> example(adapter, each.line()).stream())
        .toList();
  }

  /**
   * Feedback ids of those corrections, without looking into the store.
   *
   * @param received of when they are to be
   */
  public Set<String> usableIds(AdapterId adapter, Predicate<Instant> received) {
    return index.usable(adapter).stream()
        .filter(each -> received.test(each.received()))
        .map(IndexedExample::feedbackId)
        .collect(Collectors.toSet());
  }

  /** All of an adapter's examples, oldest first. */
  public List<KeptExample> list(AdapterId adapter) {
    return index.states(adapter).entrySet().stream()
        .flatMap(
            each ->
                example(adapter, each.getKey().line()).stream()
                    .map(example -> new KeptExample(example, each.getValue())))
        .toList();
  }

  /** Another adapter's may have the id, once this one's was deleted. */
  private Optional<Example> example(AdapterId adapter, LineName line) {
    return lines.example(line).filter(each -> each.adapter().equals(adapter));
  }

  /**
   * Takes an example back; it stays listed and is trained on no more. One that was taken back
   * before stays as it is.
   *
   * @param reason a line of text, at most 1000 characters
   * @throws TrimtabException NOT_FOUND where the tenant has no such example, or none yet
   */
  public void retract(String tenant, String feedbackId, String reason) {
    check.checkId("feedback_id", feedbackId);
    FeedbackRefusals.checkReason(reason);
    LineName line = ExampleLines.line(tenant, feedbackId);
    Example example = lines.example(line).orElseThrow(() -> notFound(feedbackId));
    try {
      var _ = lines.retract(line, new ExampleState.Retracted(reason, clock.instant()));
    } catch (IllegalArgumentException e) {
      // Deleted with its adapter since.
      throw notFound(feedbackId);
    }
    put(line, example);
  }

  /**
   * Deletes the examples of an adapter that are known here and were received up to a moment, as its
   * owner deletes the adapter. Feedback under the same name that came later stays.
   */
  public void delete(AdapterId adapter, Instant until) {
    for (IndexedExample each : index.of(adapter)) {
      if (!each.received().isAfter(until)) {
        if (isStill(each)) {
          lines.delete(each.line());
        }
        forget(each);
      }
    }
  }

  /**
   * Whether a line says what is known of it: another process may have deleted it with its adapter,
   * and somebody given its id anew. One that can't be read is nobody else's.
   */
  private boolean isStill(IndexedExample known) {
    Optional<Example> now = lines.example(known.line());
    return now.isPresent()
        ? now.get().adapter().equals(known.adapter())
            && now.get().received().equals(known.received())
        : lines.isTaken(known.line());
  }

  private void forget(IndexedExample gone) {
    index.remove(gone);
    indexed.remove(gone.line());
  }

  /** Sees what other processes wrote. */
  public void refresh() {
    List<LineName> all = lines.all();
    forgetDeleted(new HashSet<>(all));
    index.adapters().forEach(this::forgetReplaced);
    all.stream().filter(line -> !indexed.contains(line)).forEach(this::read);
    index.all().stream()
        .filter(each -> each.retraction().isEmpty())
        .forEach(
            each ->
                lines
                    .retraction(each.line())
                    .ifPresent(retracted -> index.add(each.with(retracted))));
  }

  /** How much there is, all of it fresh. */
  public FeedbackCounts counts(AdapterId adapter) {
    return counts(adapter, Set.of());
  }

  /**
   * How much there is.
   *
   * @param tuned feedback ids that a tuning has seen
   */
  public FeedbackCounts counts(AdapterId adapter, Set<String> tuned) {
    List<IndexedExample> all = index.of(adapter);
    List<IndexedExample> usable = index.usable(adapter);
    List<Instant> fresh =
        usable.stream()
            .filter(each -> !tuned.contains(each.feedbackId()))
            .map(IndexedExample::received)
            .toList();
    return new FeedbackCounts(
        all.size(),
        usable.size(),
        fresh.size(),
        count(all, each -> each.content() == IndexedExample.Content.RATING_ALONE),
        count(all, each -> each.retraction().isPresent()),
        fresh.isEmpty() ? Optional.empty() : Optional.of(fresh.getFirst()),
        fresh.isEmpty() ? Optional.empty() : Optional.of(fresh.getLast()));
  }

  /** All adapters that have examples. */
  public Set<AdapterId> adapters() {
    return index.adapters();
  }

  /** All that is indexed, of all tenants. */
  List<IndexedExample> indexed() {
    return index.all();
  }

  /** Whether every line could be read, so that the index names every picture that is needed. */
  boolean complete() {
    return unreadable.isEmpty();
  }

  private FeedbackOutcome compared(LineName line, Feedback feedback) {
    Optional<Example> kept = lines.example(line);
    if (kept.isPresent() && ExampleMaker.isOf(kept.get(), feedback)) {
      put(line, kept.get());
      return new FeedbackOutcome.Known();
    }
    return new FeedbackOutcome.Refused(
        "feedback_id %s is that of other contents, expected a new one"
            .formatted(Quoted.of(feedback.id())));
  }

  private void read(LineName line) {
    Optional<Example> example = lines.example(line);
    if (example.isPresent()) {
      unreadable.remove(line);
      put(line, example.get());
    } else if (lines.isTaken(line)) {
      unreadable.add(line);
    }
  }

  private void put(LineName line, Example example) {
    index.add(IndexedExample.of(line, example, lines.retraction(line)));
    indexed.add(line);
  }

  private void forgetDeleted(Set<LineName> there) {
    for (IndexedExample each : index.all()) {
      // Its line may be younger than the list.
      if (!there.contains(each.line()) && !lines.isTaken(each.line())) {
        forget(each);
      }
    }
    unreadable.removeIf(line -> !lines.isTaken(line));
  }

  /** Of an adapter that was deleted: lines that were deleted with it and begun anew since. */
  private void forgetReplaced(AdapterId adapter) {
    Instant deleted = lastDeleted(adapter);
    for (IndexedExample each : index.of(adapter)) {
      if (!each.received().isAfter(deleted) && !isStill(each)) {
        forget(each);
      }
    }
  }

  private Instant lastDeleted(AdapterId adapter) {
    try {
      return registry.lastDeleted(adapter).orElse(Instant.MIN);
    } catch (TrimtabException e) {
      if (e.code() != ErrorCode.INTERNAL) {
        throw e;
      }
      // Its versions can't be read: nothing is known to be deleted, and others are looked at.
      return Instant.MIN;
    }
  }

  /**
   * Now, where that is after the adapter's last deletion. Where the clock of whoever deleted it is
   * ahead: just after it, lest the example goes with what was deleted, and after all that is there,
   * since by the times a job tells what it has seen.
   */
  private Instant received(AdapterId adapter) {
    Instant now = clock.instant();
    Instant deleted = registry.lastDeleted(adapter).orElse(Instant.MIN);
    if (now.isAfter(deleted)) {
      return now;
    }
    return Stream.concat(
            Stream.of(deleted), index.of(adapter).stream().map(IndexedExample::received))
        .max(Comparator.naturalOrder())
        .orElseThrow()
        .plusNanos(1);
  }

  private void requireRoom(AdapterId adapter) {
    if (index.count(adapter) >= limits.examplesPerAdapterMax()) {
      throw new TrimtabException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "The adapter '%s' has %d examples, expected at most %d"
              .formatted(adapter.name(), index.count(adapter), limits.examplesPerAdapterMax()));
    }
  }

  private static int count(List<IndexedExample> examples, Predicate<IndexedExample> which) {
    return Math.toIntExact(examples.stream().filter(which).count());
  }

  private static TrimtabException notFound(String feedbackId) {
    return new TrimtabException(
        ErrorCode.NOT_FOUND,
        "There is no example of feedback %s; what was just sent may not be kept yet"
            .formatted(Quoted.of(feedbackId)));
  }
}
