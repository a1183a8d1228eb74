package io.trimtab.cli.doctor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Has all checks look at the same time, each for a bounded time: a disk or a broker that never
 * answers is a finding, and keeps nobody from the others'.
 */
public final class Examination {
  private final Duration bound;

  /**
   * Of checks that are still to be named.
   *
   * @param bound the longest that all of them together are waited for
   */
  public Examination(Duration bound) {
    this.bound = bound;
  }

  /** What they found, in the order of the checks. */
  public List<Finding> of(List<Check> checks) throws InterruptedException {
    long end = System.nanoTime() + bound.toNanos();
    List<FutureTask<List<Finding>>> looks = new ArrayList<>();
    for (Check check : checks) {
      FutureTask<List<Finding>> look = new FutureTask<>(check::look);
      // A native or file call can't be interrupted: it is left behind, and the process ends anyway.
      Thread.ofPlatform().daemon().name("doctor-" + check.name()).start(look);
      looks.add(look);
    }
    List<Finding> findings = new ArrayList<>();
    for (int i = 0; i < checks.size(); i++) {
      findings.addAll(result(checks.get(i).name(), looks.get(i), end));
    }
    return List.copyOf(findings);
  }

  private List<Finding> result(String check, FutureTask<List<Finding>> look, long end)
      throws InterruptedException {
    try {
      return look.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      look.cancel(true);
      return List.of(
          Finding.fault(
              check,
              "no answer within %d s".formatted(bound.toSeconds()),
              "see whether a disk or a network in its way is hanging"));
    } catch (ExecutionException e) {
      return List.of(
          Finding.fault(
              check, "it could not be looked at: " + e.getCause(), "see to that, and ask again"));
    }
  }
}
