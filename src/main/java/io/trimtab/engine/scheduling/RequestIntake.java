package io.trimtab.engine.scheduling;

import io.trimtab.engine.api.Priority;
import io.trimtab.engine.delta.DeltaLease;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The way of a request from the door to the step loop: a permit, its delta, then its turn on a
 * thread of a small pool that prepares it. Whatever ends it on the way gives permit and lease back.
 * Work that only needs preparation takes the same permit. Any thread.
 */
public final class RequestIntake implements AutoCloseable {
  /**
   * Threads that prepare requests: pictures and templates of one while the tower sees another's.
   */
  private static final int PREPARATION_THREADS = 2;

  private static final RequestLog LOG = new RequestLog(RequestIntake.class);

  private final Admission admission;
  private final StepLoop loop;
  private final PreparationThreads preparing = new PreparationThreads(PREPARATION_THREADS);

  public RequestIntake(Admission admission, StepLoop loop) {
    this.admission = admission;
    this.loop = loop;
  }

  /** Where a tenant's requests are prepared, for what must not run on the step loop's thread. */
  public Executor executor(String tenant, Priority priority) {
    return preparing.of(tenant, priority);
  }

  /**
   * Takes a permit, then leases the delta and waits for it without a thread, prepares the request
   * on the pool and hands it to the loop; failures go to the caller's. A request that is refused
   * here has nothing loaded.
   *
   * @param held memory of the request as it came; once prepared it holds its pictures' embeddings
   */
  public void take(
      RequestTicket ticket,
      List<HeldMemory> held,
      Supplier<CompletableFuture<DeltaLease>> leasing,
      Consumer<TrimtabException> failed,
      SequenceSource source) {
    requireServing();
    admission.enter(ticket, held);
    CompletableFuture<DeltaLease> delta;
    try {
      delta = leasing.get();
    } catch (RuntimeException | Error e) {
      admission.leave(ticket);
      throw e;
    }
    ticket.awaits(delta);
    delta.whenComplete(
        (lease, failure) -> {
          if (failure == null) {
            enqueue(ticket, lease, failed, source);
          } else {
            admission.leave(ticket);
            failed.accept(withoutDelta(ticket, failure));
          }
        });
  }

  private void enqueue(
      RequestTicket ticket,
      DeltaLease lease,
      Consumer<TrimtabException> failed,
      SequenceSource source) {
    try {
      executor(ticket.tenant(), ticket.priority())
          .execute(() -> prepare(ticket, lease, failed, source));
    } catch (RejectedExecutionException e) {
      admission.leave(ticket);
      lease.close();
      failed.accept(StepLoop.notServing());
    }
  }

  /**
   * Takes a permit and has something prepared on the pool that no sequence comes of; the permit is
   * back when that is done. Failures that the preparation itself has are the future's.
   *
   * @throws TrimtabException RESOURCE_EXHAUSTED without a permit, UNAVAILABLE when not serving
   */
  public <T> CompletableFuture<T> prepare(
      String tenant, List<HeldMemory> held, Supplier<T> preparation) {
    requireServing();
    admission.enter(tenant, held);
    try {
      return CompletableFuture.supplyAsync(
              () -> {
                requireServing();
                return preparation.get();
              },
              executor(tenant, Priority.INTERACTIVE))
          .whenComplete((_, _) -> admission.leave(tenant, held));
    } catch (RejectedExecutionException e) {
      admission.leave(tenant, held);
      throw StepLoop.notServing();
    }
  }

  /** A delta that did not come: the request is over, or there was a reason. */
  private static TrimtabException withoutDelta(RequestTicket ticket, Throwable failure) {
    if (failure instanceof TrimtabException refusal) {
      return refusal;
    }
    TrimtabException overdue = ticket.overdue(System.nanoTime());
    return overdue == null ? unexpected(ticket, failure) : overdue;
  }

  private void prepare(
      RequestTicket ticket,
      DeltaLease lease,
      Consumer<TrimtabException> failed,
      SequenceSource source) {
    Sequence sequence;
    try {
      requireServing();
      TrimtabException overdue = ticket.overdue(System.nanoTime());
      if (overdue != null) {
        throw overdue;
      }
      sequence = source.prepare(lease);
      admission.exchange(ticket, held(sequence));
    } catch (TrimtabException e) {
      admission.leave(ticket);
      lease.close();
      failed.accept(e);
      return;
    } catch (RuntimeException | Error e) {
      // An Error too, such as a picture that memory does not suffice for: it is this request's.
      admission.leave(ticket);
      lease.close();
      failed.accept(unexpected(ticket, e));
      return;
    }
    loop.submit(sequence);
  }

  private static List<HeldMemory> held(Sequence sequence) {
    return sequence.images().stream().map(image -> new HeldMemory(image, image.bytes())).toList();
  }

  private void requireServing() {
    if (loop.state() != StepLoop.State.RUNNING) {
      throw StepLoop.notServing();
    }
  }

  private static TrimtabException unexpected(RequestTicket ticket, Throwable cause) {
    LOG.error(ticket, "Request " + ticket.requestId() + " failed", cause);
    return new TrimtabException(
        ErrorCode.INTERNAL, "The request %s failed".formatted(ticket.requestId()), cause);
  }

  /** Waits for the two that are being prepared: they use the model. */
  @Override
  public void close() {
    preparing.close();
  }

  /** Prepares a request that runs with a delta. */
  public interface SequenceSource {
    Sequence prepare(DeltaLease lease);
  }
}
