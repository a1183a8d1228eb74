package io.trimtab.serving.tuning;

import io.grpc.stub.ServerCallStreamObserver;
import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.adaptation.job.TuningJobs;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.grpc.ClientPace;
import io.trimtab.serving.grpc.StatusMapping;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One client that watches a job: what it is now, each change, and the end with the job's. A thread
 * looks four times a second, also for what another process does to the job; a client that is slow
 * is told the latest when it is ready.
 */
final class JobWatch {
  private static final Duration LOOK = Duration.ofMillis(250);

  private final ServerCallStreamObserver<io.trimtab.v1.TuningJob> client;
  private final ClientPace pace;
  private final OpenCalls openCalls;
  private final TuningJobs jobs;
  private final String tenant;
  private final String jobId;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final AtomicBoolean counted = new AtomicBoolean();
  private final Runnable whenStopping = stopping::countDown;

  JobWatch(
      ServerCallStreamObserver<io.trimtab.v1.TuningJob> client,
      ClientPace pace,
      OpenCalls openCalls,
      TuningJobs jobs,
      String tenant,
      String jobId) {
    this.client = client;
    this.pace = pace;
    this.openCalls = openCalls;
    this.jobs = jobs;
    this.tenant = tenant;
    this.jobId = jobId;
  }

  /**
   * Counts the call in.
   *
   * @throws TrimtabException UNAVAILABLE once the server is stopping
   */
  void begin() {
    openCalls.began(whenStopping);
    counted.set(true);
  }

  /** Sends until the job has ended or the client has gone. Blocks. */
  void run() {
    try {
      watch();
      client.onCompleted();
    } catch (Throwable failure) {
      client.onError(StatusMapping.toError(failure));
    } finally {
      if (counted.getAndSet(false)) {
        openCalls.ended(whenStopping);
      }
    }
  }

  private void watch() throws InterruptedException {
    TuningJob told = null;
    while (true) {
      if (client.isCancelled()) {
        throw new TrimtabException(ErrorCode.CANCELLED, "The client has gone");
      }
      TuningJob now = jobs.get(tenant, jobId);
      if (isNews(told, now)) {
        pace.awaitReady();
        client.onNext(TuningWriter.job(now));
        told = now;
      }
      if (now.state().ended()) {
        return;
      }
      if (stopping.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TrimtabException(ErrorCode.UNAVAILABLE, "The server is stopping");
      }
    }
  }

  private static boolean isNews(@Nullable TuningJob told, TuningJob now) {
    return told == null
        || told.version() != now.version()
        || !told.progress().equals(now.progress());
  }
}
