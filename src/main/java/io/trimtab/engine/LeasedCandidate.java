package io.trimtab.engine;

import io.trimtab.engine.api.CandidateModel;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.engine.api.ScoringRequest;
import io.trimtab.engine.api.ScoringResult;
import io.trimtab.engine.delta.DeltaLease;
import io.trimtab.engine.delta.HostDelta;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A candidate's delta with a count of those who hold it: the candidate itself until it is closed,
 * and its requests until they end. The last one frees the memory. The lock guards the count.
 */
final class LeasedCandidate implements CandidateModel {
  /** What the engine does for it; it asks for the lease once the request is let in. */
  interface Requests {
    RequestHandle generate(
        GenerationRequest request, Supplier<DeltaLease> lease, GenerationListener listener);

    CompletableFuture<ScoringResult> score(ScoringRequest request, Supplier<DeltaLease> lease);
  }

  private enum State {
    OPEN,
    CLOSED
  }

  private final HostDelta delta;
  private final Requests requests;
  private State state = State.OPEN;
  private int holders = 1;

  LeasedCandidate(HostDelta delta, Requests requests) {
    this.delta = delta;
    this.requests = requests;
  }

  @Override
  public RequestHandle generate(GenerationRequest request, GenerationListener listener) {
    return requests.generate(request, this::lease, listener);
  }

  @Override
  public CompletableFuture<ScoringResult> score(ScoringRequest request) {
    return requests.score(request, this::lease);
  }

  private synchronized DeltaLease lease() {
    if (state == State.CLOSED) {
      throw new TrimtabException(ErrorCode.FAILED_PRECONDITION, "The candidate is closed");
    }
    holders++;
    return DeltaLease.of(delta, this::release);
  }

  private void release() {
    synchronized (this) {
      holders--;
      if (holders > 0) {
        return;
      }
    }
    // Not on the loop's thread: giving shared memory back stops all threads for a moment.
    Thread.startVirtualThread(delta::close);
  }

  @Override
  public void close() {
    synchronized (this) {
      if (state == State.CLOSED) {
        return;
      }
      state = State.CLOSED;
    }
    release();
  }
}
