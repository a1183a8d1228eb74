package io.trimtab.adaptation;

import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.AdapterSnapshot.Existence;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.RevisionState;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Follows what other processes do to adapters. What is to be served by a name is in host memory
 * before the name moves; where it can't be loaded, what was served is served on, and loading is
 * tried again with growing pauses. A change made here meanwhile moves the name all the same.
 *
 * <p>Any thread. Each adapter that was heard of has a virtual thread until its version is taken, so
 * that one that can't be loaded holds up no other. The monitor guards all that changes.
 */
public final class AdapterFollower implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(AdapterFollower.class.getName());

  private final InferenceEngine engine;
  private final AdapterRegistry registry;
  private final Clock clock;
  private final Duration pauseMin;
  private final Duration pauseMax;
  private final Map<AdapterId, Following> following = new HashMap<>();
  private boolean closed;

  /** An adapter whose newer version is on its way. */
  private static final class Following {
    private boolean heardAgain;
    private @Nullable FailedLoad failed;
  }

  /**
   * @param pauseMin after the first attempt that failed, 1 ms and above; doubles with each
   * @param pauseMax the longest pause
   */
  public AdapterFollower(
      InferenceEngine engine,
      AdapterRegistry registry,
      Clock clock,
      Duration pauseMin,
      Duration pauseMax) {
    this.engine = engine;
    this.registry = registry;
    this.clock = clock;
    this.pauseMin = pauseMin;
    this.pauseMax = pauseMax;
  }

  /** Another process has written a version. Returns at once. */
  public synchronized void heard(AdapterId id) {
    if (closed) {
      return;
    }
    Following known = following.get(id);
    if (known != null) {
      known.heardAgain = true;
      notifyAll();
      return;
    }
    Following now = new Following();
    following.put(id, now);
    Thread.ofVirtual().name("trimtab-follow").start(() -> follow(id, now));
  }

  /**
   * Looks in the store for newer versions of all adapters that are known here, and follows them as
   * if they had been heard of: while no notices come, a rollback elsewhere is found so. Costs a
   * look at one file for each adapter. One that is followed already keeps its pauses.
   *
   * @throws TrimtabException where the store fails
   */
  public void look() {
    for (AdapterSnapshot known : registry.all()) {
      if (!isFollowed(known.id()) && isBehind(known)) {
        heard(known.id());
      }
    }
  }

  private synchronized boolean isFollowed(AdapterId id) {
    return following.containsKey(id);
  }

  private boolean isBehind(AdapterSnapshot known) {
    try {
      return registry
          .stored(known.id())
          .filter(stored -> stored.version() > known.version())
          .isPresent();
    } catch (TrimtabException e) {
      if (e.code() == ErrorCode.INTERNAL) {
        // There is one, and it can't be read, which whoever follows it says.
        return true;
      }
      throw e;
    }
  }

  /** What can't be taken now, the latest attempt first. */
  public synchronized List<FailedLoad> failing() {
    return following.values().stream()
        .flatMap(each -> Stream.ofNullable(each.failed))
        .sorted(Comparator.comparing(FailedLoad::latest).reversed())
        .toList();
  }

  private void follow(AdapterId id, Following now) {
    Duration pause = pauseMin;
    try {
      while (true) {
        String reason = attempt(id);
        if (isOver(id, now, reason)) {
          return;
        }
        if (!reason.isEmpty()) {
          await(now, pause);
          Duration doubled = pause.multipliedBy(2);
          pause = doubled.compareTo(pauseMax) < 0 ? doubled : pauseMax;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Empty where the newest version is taken, else why it can't be. */
  private String attempt(AdapterId id) {
    try {
      registry.stored(id).ifPresent(this::load);
      take(id);
      return "";
    } catch (TrimtabException e) {
      return String.valueOf(e.getMessage());
    } catch (RuntimeException | Error e) {
      // An error, too: of too little memory, say, there is enough again one day.
      LOG.log(System.Logger.Level.ERROR, "A version of %s can't be taken".formatted(id), e);
      return "Internal error: " + e;
    }
  }

  private void take(AdapterId id) {
    try {
      var _ = registry.refresh(id);
    } catch (TrimtabException e) {
      if (e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
      // Deleted, which is taken, too.
    }
  }

  private void load(AdapterSnapshot snapshot) {
    if (snapshot.existence() == Existence.DELETED) {
      return;
    }
    snapshot.revisions().stream()
        .filter(AdapterFollower::isServedByName)
        .forEach(revision -> load(snapshot.id(), revision));
  }

  private static boolean isServedByName(Revision revision) {
    return revision.state() == RevisionState.ACTIVE || revision.state() == RevisionState.CANARY;
  }

  private void load(AdapterId id, Revision revision) {
    String base = engine.model().digest();
    if (!revision.baseDigest().equals(base)) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION,
          "Revision %d belongs to the model %s, expected %s, which is served here"
              .formatted(revision.revision(), revision.baseDigest(), base));
    }
    try {
      var _ = engine.preload(ResolvedRevision.of(id, revision)).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof TrimtabException reason) {
        throw new TrimtabException(
            reason.code(),
            "Revision %d can't be loaded: %s".formatted(revision.revision(), reason.getMessage()),
            reason);
      }
      throw e;
    }
  }

  private synchronized boolean isOver(AdapterId id, Following now, String reason) {
    if (closed || (reason.isEmpty() && !now.heardAgain)) {
      following.remove(id, now);
      return true;
    }
    if (reason.isEmpty()) {
      now.failed = null;
      now.heardAgain = false;
      return false;
    }
    Instant instant = clock.instant();
    FailedLoad before = now.failed;
    if (before == null) {
      LOG.log(
          System.Logger.Level.WARNING,
          "A newer version of {0} can''t be taken, and is tried again; what was served is served"
              + " on: {1}",
          id,
          reason);
    }
    now.failed =
        before == null
            ? new FailedLoad(id, instant, instant, 1, reason)
            : new FailedLoad(id, before.since(), instant, before.attempts() + 1, reason);
    return false;
  }

  /** That long, or until a still newer version is heard of. */
  private synchronized void await(Following now, Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (!closed && !now.heardAgain) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return;
      }
      wait(left);
    }
    now.heardAgain = false;
  }

  /** What is on its way is left; the next start reads it. */
  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
