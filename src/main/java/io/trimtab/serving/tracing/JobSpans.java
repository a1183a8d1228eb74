package io.trimtab.serving.tracing;

import io.opentelemetry.api.trace.Tracer;
import io.trimtab.adaptation.job.TuningJob;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Follows the jobs that this process runs, each from its taking to its end or to where another
 * process has it, as a trace of its own. Any thread; returns at once.
 */
final class JobSpans implements Consumer<TuningJob> {
  /** One job a device runs; what is beyond this has been lost sight of. */
  private static final int FOLLOWED_MAX = 64;

  private final Tracer tracer;
  private final Supplier<String> process;
  private final Map<String, JobTrace> followed = new HashMap<>();

  JobSpans(Tracer tracer, Supplier<String> process) {
    this.tracer = tracer;
    this.process = process;
  }

  @Override
  public synchronized void accept(TuningJob job) {
    JobTrace known = followed.get(job.id());
    boolean ours = job.owner().equals(process.get());
    if (known != null && (job.state().ended() || !ours)) {
      followed.remove(job.id());
      known.end(job);
    } else if (known != null) {
      known.changed(job);
    } else if (ours && !job.state().ended() && followed.size() < FOLLOWED_MAX) {
      followed.put(job.id(), JobTrace.begin(tracer, job));
    }
  }
}
