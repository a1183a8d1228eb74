package io.trimtab.adaptation.job;

import io.trimtab.error.TrimtabException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a lease while its thread is at work that can't look itself, and interrupts that thread once
 * the job is to be left. A virtual thread of its own until {@link #end}; after that, nobody is
 * interrupted.
 */
final class LeaseWatch {
  private static final System.Logger LOG = System.getLogger(LeaseWatch.class.getName());

  private final JobLease lease;
  private final Thread working = Thread.currentThread();
  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread watch;
  private volatile @Nullable JobLeft left;

  private LeaseWatch(JobLease lease) {
    this.lease = lease;
    this.watch = Thread.ofVirtual().name("trimtab-lease").unstarted(this::look);
  }

  /** Watches for the thread that calls this. */
  static LeaseWatch start(JobLease lease) {
    LeaseWatch watch = new LeaseWatch(lease);
    watch.watch.start();
    return watch;
  }

  private void look() {
    try {
      while (!over.await(lease.pace().look().toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          lease.keep();
        } catch (TrimtabException e) {
          LOG.log(System.Logger.Level.WARNING, "A lease can't be looked at: {0}", e.getMessage());
        }
      }
    } catch (JobLeft e) {
      left = e;
      working.interrupt();
    } catch (InterruptedException e) {
      throw new IllegalStateException("Nobody interrupts a watch", e);
    }
  }

  /**
   * Ends the watch.
   *
   * @throws JobLeft where the job is to be left; the interrupt that said so is taken back
   */
  void end() {
    over.countDown();
    boolean interrupted = false;
    while (watch.isAlive()) {
      try {
        watch.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    JobLeft reason = left;
    if (reason != null) {
      var _ = Thread.interrupted();
      throw reason;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
